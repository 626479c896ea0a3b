"""The query that judges every person on every advisory, over the relations of a release."""

from __future__ import annotations

# How a number known between ends (a) meets bounds (b): 0 apart, 2 within, 1 otherwise.
MACROS = """
CREATE MACRO compared(a_ln, a_ld, a_hn, a_hd, a_lo, a_ho, b_ln, b_ld, b_hn, b_hd, b_lo, b_ho) AS
CASE
  WHEN a_hn IS NOT NULL AND b_ln IS NOT NULL
    AND (a_hn * b_ld < b_ln * a_hd OR (a_hn * b_ld = b_ln * a_hd AND (a_ho OR b_lo))) THEN 0
  WHEN b_hn IS NOT NULL AND a_ln IS NOT NULL
    AND (b_hn * a_ld < a_ln * b_hd OR (b_hn * a_ld = a_ln * b_hd AND (b_ho OR a_lo))) THEN 0
  WHEN (b_ln IS NULL OR (a_ln IS NOT NULL AND (a_ln * b_ld > b_ln * a_ld
      OR (a_ln * b_ld = b_ln * a_ld AND (a_lo OR NOT b_lo)))))
    AND (b_hn IS NULL OR (a_hn IS NOT NULL AND (a_hn * b_hd < b_hn * a_hd
      OR (a_hn * b_hd = b_hn * a_hd AND (a_ho OR NOT b_ho))))) THEN 2
  ELSE 1
END
"""
_ENDS = "{0}.low_n, {0}.low_d, {0}.high_n, {0}.high_d, {0}.low_open, {0}.high_open"
_COMPARED = f"compared({_ENDS.format('n')}, {_ENDS.format('b')})"

# Each step by the steps before it; all are parts of one query.
STEPS = {
    # Clauses left to ask: of a term that is known those of its profile, otherwise all.
    "asked": """
SELECT i.person, i.item, c.q, c.clause, c.leaf
FROM item i JOIN profile_of USING (term) JOIN profile_clause c USING (profile)
JOIN question ON question.q = c.q AND question.family = i.family
UNION ALL
SELECT i.person, i.item, c.q, c.clause, c.leaf
FROM item i JOIN question ON question.family = i.family JOIN clause c ON c.q = question.q
WHERE i.term IS NULL
""",
    "wanted": """
SELECT DISTINCT a.person, a.item, a.leaf, i.term FROM asked a JOIN item i USING (person, item)
""",
    # What each leaf answers of each item: what is said of it, its numbers, and what it is.
    "leaf_answer": f"""
SELECT w.person, w.item, w.leaf,
  CASE WHEN s.value IS NULL THEN b.unsaid WHEN s.value = b.value THEN 2 ELSE 0 END AS answer
FROM wanted w JOIN leaf_said b USING (leaf)
LEFT JOIN item_said s ON s.person = w.person AND s.item = w.item AND s.property = b.property
UNION ALL
SELECT w.person, w.item, w.leaf,
  CASE WHEN n.property IS NULL THEN b.unsaid WHEN n.lacking THEN 0 ELSE {_COMPARED} END
FROM wanted w JOIN leaf_number b USING (leaf)
LEFT JOIN item_number n ON n.person = w.person AND n.item = w.item AND n.property = b.property
UNION ALL
SELECT w.person, w.item, b.leaf,
  CASE
    WHEN NOT b.of_drug OR count(o.drug) = 0 THEN 1
    WHEN count(m.drug) = count(o.drug) THEN 2
    WHEN count(j.drug) > 0 THEN 1
    WHEN count(m.drug) > 0 THEN 1
    ELSE 0
  END
FROM wanted w JOIN leaf_class b USING (leaf)
LEFT JOIN item_drug o ON o.person = w.person AND o.item = w.item
LEFT JOIN member m ON m.class = b.term AND m.drug = o.drug
LEFT JOIN open_for j ON j.leaf = b.leaf AND j.drug = o.drug
WHERE w.term IS NULL
GROUP BY w.person, w.item, b.leaf, b.of_drug
""",
    "by_clauses": """
SELECT person, item, q, min(answer) AS answer
FROM (
  SELECT a.person, a.item, a.q, a.clause,
    max(CASE WHEN a.leaf < 0 THEN 1 ELSE l.answer END) AS answer
  FROM asked a LEFT JOIN leaf_answer l USING (person, item, leaf)
  GROUP BY a.person, a.item, a.q, a.clause
)
GROUP BY person, item, q
""",
    # What each item answers to each question, no more than its role lets it.
    "item_answer": """
SELECT i.person, i.item, i.family, w.q, least(max(w.answer), any_value(r.ceiling)) AS answer
FROM (
  SELECT i.person, i.item, a.q, a.answer
  FROM item i JOIN profile_of USING (term) JOIN profile_answer a USING (profile)
  UNION ALL SELECT person, item, q, answer FROM by_clauses
) w
JOIN item i USING (person, item)
JOIN question ON question.q = w.q AND question.family = i.family
JOIN reach r ON r.role = i.role AND r.q = w.q
GROUP BY i.person, i.item, i.family, w.q
HAVING max(w.answer) > 0
""",
    # Each view of a person: without what is set aside, and no more than open where it may be.
    "view": "SELECT DISTINCT view FROM advisory UNION SELECT 0",
    "set_aside": """
SELECT a.view, x.person, x.item, max(x.answer) AS gone
FROM aside a JOIN item_answer x USING (q) GROUP BY a.view, x.person, x.item
""",
    "seen": """
SELECT v.view, x.person, x.item, x.q,
  CASE WHEN s.gone = 1 THEN 1 ELSE x.answer END AS answer
FROM view v CROSS JOIN item_answer x
LEFT JOIN set_aside s ON s.view = v.view AND s.person = x.person AND s.item = x.item
WHERE coalesce(s.gone, 0) < 2
""",
    # Different drugs: surely so only where a smaller set shares none of them, perhaps otherwise.
    "scored": """
SELECT c.q, c.least, x.view, x.person, x.item, x.answer, i.role = i.family AS rest,
  list(d.drug ORDER BY d.drug) FILTER (WHERE d.drug IS NOT NULL) AS drugs
FROM counted c JOIN seen x ON x.q = c.of_q
JOIN item i USING (person, item) LEFT JOIN item_drug d USING (person, item)
GROUP BY c.q, c.least, x.view, x.person, x.item, x.answer, i.role, i.family
""",
    "tallied": """
SELECT q, view, person, any_value(least) AS least,
  list_reduce(
    coalesce(
      list(drugs ORDER BY len(drugs), item) FILTER (WHERE answer = 2 AND drugs IS NOT NULL), []
    ),
    lambda so_far, one: CASE WHEN list_has_any(so_far.taken, one) THEN so_far
      ELSE {'number': so_far.number + 1, 'taken': list_concat(so_far.taken, one)} END,
    {'number': 0, 'taken': []::VARCHAR[]}
  ).number AS surely,
  count(DISTINCT CASE WHEN len(drugs) = 1 THEN drugs[1] END)
    + count(*) FILTER (WHERE drugs IS NULL OR len(drugs) <> 1) AS perhaps,
  bool_or(drugs IS NULL AND rest) AS any_number
FROM scored GROUP BY q, view, person
""",
    # What holds of a person: by what hangs on it, by what may, by what is said, by its numbers.
    "answer": f"""
SELECT view, person, q, max(answer) AS answer
FROM (
  SELECT view, person, q, answer FROM seen
  UNION ALL
  SELECT view, person, q,
    CASE WHEN surely >= least THEN 2 WHEN any_number OR perhaps >= least THEN 1 ELSE 0 END
  FROM tallied
  UNION ALL
  SELECT view, person, q, 1 FROM view CROSS JOIN not_given JOIN question USING (family)
  UNION ALL
  SELECT view, person, q, 1 FROM view CROSS JOIN not_given JOIN counted USING (family)
  UNION ALL
  SELECT view, person, k.q, 1 FROM view CROSS JOIN person CROSS JOIN kind_of k
  WHERE NOT EXISTS (
    SELECT 1 FROM measured m JOIN closer c ON c.closing = m.kind
    WHERE m.person = person.person AND c.kind = k.kind
  )
  UNION ALL
  SELECT view, person, q, truth FROM view CROSS JOIN fact JOIN said_fact USING (property, value)
  UNION ALL
  SELECT view, p.person, b.q,
    CASE WHEN s.value IS NULL THEN b.unsaid WHEN s.value = b.value THEN 2 ELSE 0 END
  FROM view CROSS JOIN person p CROSS JOIN said_fact b
  LEFT JOIN said s ON s.person = p.person AND s.property = b.property
  WHERE b.property NOT IN (SELECT property FROM fact)
  UNION ALL
  SELECT view, p.person, b.q,
    CASE WHEN n.property IS NULL THEN b.unsaid WHEN n.lacking THEN 0 ELSE {_COMPARED} END
  FROM view CROSS JOIN person p CROSS JOIN said_number b
  LEFT JOIN number n ON n.person = p.person AND n.property = b.property
)
GROUP BY view, person, q
""",
    "held": """
SELECT person, view, criterion, min(answer) AS answer
FROM (
  SELECT p.person, w.view, c.criterion, c.clause, coalesce(max(a.answer), 0) AS answer
  FROM person p CROSS JOIN (
    SELECT view, applies AS criterion FROM advisory
    UNION SELECT 0, exempt FROM advisory WHERE exempt IS NOT NULL
  ) w
  JOIN criterion c USING (criterion)
  LEFT JOIN answer a ON a.person = p.person AND a.view = w.view AND a.q = c.q
  GROUP BY p.person, w.view, c.criterion, c.clause
)
GROUP BY person, view, criterion
""",
}
# An exemption counts only where it is known.
_VERDICT = """
SELECT h.person, a.advisory, CASE WHEN e.answer = 2 THEN 0 ELSE h.answer END AS truth
FROM advisory a JOIN held h ON h.criterion = a.applies AND h.view = a.view
LEFT JOIN held e ON e.criterion = a.exempt AND e.view = 0 AND e.person = h.person
ORDER BY h.person, a.advisory
"""
_STEP = "{0} AS MATERIALIZED ({1})"
VERDICTS = f"WITH {', '.join(_STEP.format(*step) for step in STEPS.items())}{_VERDICT}"

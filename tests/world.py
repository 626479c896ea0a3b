"""A small invented world to judge in: no drug, disease or threshold of it is real.

Every construction of criteria is in it once: a class defined by a liability, a class that is
asserted, a count, something set aside, an exemption, a severity that was not said, a limit of
a laboratory, a derived measurement, a window of time, a flag with a contrary, an absence.
"""

from __future__ import annotations

from functools import cache

from kg import terms
from kg.build.compile_decisions import decided
from kg.contract.severity import SeverityName
from kg.snapshot.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Criterion,
    Expression,
    Has,
    Is,
    Named,
    Number,
    Of,
)
from kg.snapshot.model import (
    Advisory,
    Axis,
    Disagreement,
    FlagGroup,
    Jurisdiction,
    ListedValue,
    PlanEntry,
    Silence,
    Snapshot,
    Source,
    Statement,
)
from kg.snapshot.value import Term
from kg.terms import BASE, ik
from tests.world_beside import CHANGES, GRADES, LADDERS
from tests.world_terms import (
    ABSENCES,
    DERIVATIONS,
    FORBIDDEN,
    HUMMING,
    PAIRED,
    PHASES,
    ROLES,
    SOOTHER,
    WORDS,
    ZAROLIDE,
    absence,
    advisory,
    classes,
    condition,
    conditions,
    criterion,
    drug,
    drugs,
    flag,
    flags,
    observation,
    observations,
    phase,
    properties,
    role,
    systems,
    value,
    values,
)

# --- criteria -------------------------------------------------------------------------------------

TAKES_OR_PLANS = ik("takesOrPlans")


def some(role_name: str, *parts: Expression) -> AtLeast:
    return AtLeast(role_name, 1, parts[0] if len(parts) == 1 else AllOf(parts))


def measured(kind: str, prop: str, **bounds: str | bool) -> AtLeast:
    return some(
        terms.HAS_OBSERVATION,
        Is(observation(kind)),
        Number(prop, **bounds),  # type: ignore[arg-type]
    )


_CONFIRMED = Has(terms.CERTAINTY, value("confirmed"))
_SEVERE_OR_UNSTATED = AnyOf(
    (Has(terms.SEVERITY, value("severe")), Has(terms.SEVERITY, value("severity-unstated")))
)
_SYSTEMIC = AnyOf(
    (
        Has(terms.ROUTE, value("route-systemic")),
        Has(terms.ROUTE, value("route-unstated")),
    )
)

EXPRESSIONS: dict[str, Expression] = {
    "Systemic": _SYSTEMIC,
    "HummingMedication": AllOf((Of(terms.OF_DRUG, HUMMING), Named(criterion("Systemic")))),
    "TakesHumming": AnyOf(
        (
            some(TAKES_OR_PLANS, Named(criterion("HummingMedication"))),
            some(
                terms.STOPPED,
                Named(criterion("HummingMedication")),
                Number(terms.HALF_LIVES_SINCE_LAST_TAKEN, high="5", high_open=True),
            ),
        )
    ),
    "TakesZarolide": some(TAKES_OR_PLANS, Of(terms.OF_DRUG, ZAROLIDE)),
    "SootherBeforeDose": AllOf(
        (
            Of(terms.OF_DRUG, SOOTHER),
            AnyOf(
                (
                    Has(terms.USE, role("premedication")),
                    Has(terms.USE, value("use-unstated")),
                )
            ),
            AnyOf(
                (
                    Has(terms.STATED_DOSE, value("dose-unstated")),
                    Number(terms.DAILY_DOSE_MG, high="1000"),
                )
            ),
        )
    ),
    "SootherEarly": AllOf(
        (
            Of(terms.OF_DRUG, SOOTHER),
            Has(terms.MEDICATION_PHASE, phase("before-first-dose")),
        )
    ),
    "TakesPaired": some(TAKES_OR_PLANS, Of(terms.OF_DRUG, PAIRED)),
    "TwoPaired": AtLeast(TAKES_OR_PLANS, 2, Of(terms.OF_DRUG, PAIRED)),
    "DoseTooHigh": AllOf(
        (
            Has(terms.PHASE, phase("during-treatment")),
            Number(terms.DOSE_TIMES_REDUCED, low="1", low_open=True),
        )
    ),
    "TooSoon": Number(terms.DAYS_SINCE_LAST_DOSE, high="6", high_open=True),
    "MuchLater": Number(terms.MONTHS_SINCE_LAST_DOSE, low="8"),
    "RumbleOngoing": some(terms.HAS_ONGOING, Is(condition("Rumble")), _CONFIRMED),
    "RumbleExcluded": AnyOf(
        (
            some(terms.HAS_ONGOING, Is(condition("Rumble")), _CONFIRMED),
            some(terms.HAS_CONDITION, Is(condition("Rumble")), _CONFIRMED, _SEVERE_OR_UNSTATED),
        )
    ),
    "RumbleMilder": some(
        terms.HAS_PAST,
        Is(condition("Rumble")),
        _CONFIRMED,
        AnyOf((Has(terms.SEVERITY, value("mild")), Has(terms.SEVERITY, value("moderate")))),
    ),
    "RumbleSuspected": some(
        terms.HAS_CONDITION, Is(condition("Rumble")), Has(terms.CERTAINTY, value("suspected"))
    ),
    "Blighted": some(terms.HAS_ONGOING, Is(condition("Blight")), _CONFIRMED),
    "Troubled": some(
        terms.HAS_CONDITION,
        AnyOf((Is(condition("GreyBlight")), Is(condition("SilentRumble")))),
        _CONFIRMED,
    ),
    "Calm": some(terms.HAS_ONGOING, Is(condition("Calm")), _CONFIRMED),
    "Glowing": measured("Glow", terms.TIMES_UPPER_LIMIT, low="1.5", low_open=True),
    "Vigorous": measured("Vigour", terms.TIMES_UPPER_LIMIT, low="2.5", low_open=True),
    "GlowingAndVigorous": AllOf((Named(criterion("Glowing")), Named(criterion("Vigorous")))),
    "WideSwing": measured("Swing", terms.VALUE, low="450"),
    "SwingRisen": measured("Swing", terms.CHANGE_FROM_BASELINE, low="60", low_open=True),
    "Grainy": measured("Grain", terms.VALUE, low="10", low_open=True),
    "DullSpark": measured("Spark", terms.TIMES_LOWER_LIMIT, high="1", high_open=True),
    "NoSwing": Has(terms.LACKS, absence("no-swing")),
    "Allergic": some(terms.HAS_ALLERGY, Of(terms.TO_SUBSTANCE, FORBIDDEN)),
    "Old": Number(terms.AGE_YEARS, low="65"),
    "Lit": Has(terms.HAS_FLAG, flag("lit")),
    "Fertile": Has(terms.HAS_FLAG, flag("fertile")),
    "Tired": Has(terms.HAS_FLAG, flag("tired")),
    "Moving": Has(terms.HAS_FLAG, flag("planned-move")),
    "Staying": Has(terms.LACKS, absence("move-denied")),
    "FirstDay": AllOf((Named(criterion("Glowing")), Number(terms.CYCLE_DAY, low="1", high="1"))),
    "Window": AllOf(
        (
            Named(criterion("Fertile")),
            AnyOf(
                (
                    Has(terms.PHASE, phase("before-first-dose")),
                    Number(terms.MONTHS_SINCE_LAST_DOSE, high="8", high_open=True),
                )
            ),
        )
    ),
}

# name: criterion, severities, topic, and what else.
_ADVICE: dict[str, tuple[str, dict[str, SeverityName], dict[str, object]]] = {
    "hum": (
        "TakesHumming",
        {"EU": "caution", "UK": "avoid", "US": "avoid"},
        {"clears_if": ("Stop the drug.",), "disagreements": (BASE + "disagreement/hum",)},
    ),
    "zarolide": (
        "TakesZarolide",
        {"EU": "caution", "UK": "caution", "US": "caution"},
        {"alternatives": (PAIRED,)},
    ),
    "hum-set-aside": (
        "TakesHumming",
        {"EU": "caution", "UK": "caution", "US": "caution"},
        {"sets_aside": (criterion("SootherBeforeDose"),)},
    ),
    "hum-early": (
        "TakesHumming",
        {"EU": "caution"},
        {"sets_aside": (criterion("SootherEarly"),)},
    ),
    "dose-too-high": ("DoseTooHigh", {"EU": "hold"}, {}),
    "too-soon": ("TooSoon", {"EU": "hold"}, {}),
    "much-later": ("MuchLater", {"EU": "caution"}, {}),
    "pair": ("TwoPaired", {"EU": "avoid", "UK": "avoid", "US": "avoid"}, {}),
    "rumble": ("RumbleExcluded", {"EU": "contraindicated", "UK": "contraindicated"}, {}),
    "rumble-milder": ("RumbleMilder", {"EU": "caution", "US": "caution"}, {}),
    "rumble-suspected": ("RumbleSuspected", {"EU": "hold", "US": "hold"}, {}),
    "blight": ("Blighted", {"EU": "contraindicated", "US": "avoid"}, {}),
    "troubled": ("Troubled", {"EU": "caution"}, {}),
    "glow": ("Glowing", {"EU": "hold", "US": "hold"}, {"unless": criterion("Calm")}),
    "vigour": ("Vigorous", {"EU": "hold", "US": "hold"}, {}),
    "glow-and-vigour": (
        "GlowingAndVigorous",
        {"EU": "hold", "US": "hold"},
        {"refines": (advisory("glow"), advisory("vigour"))},
    ),
    "swing": ("WideSwing", {"EU": "caution", "US": "caution"}, {}),
    "swing-risen": ("SwingRisen", {"EU": "hold"}, {"refines": (advisory("swing"),)}),
    "grain": ("Grainy", {"EU": "hold"}, {}),
    "spark": ("DullSpark", {"EU": "caution"}, {}),
    "no-swing": ("NoSwing", {"EU": "caution"}, {}),
    "allergy": ("Allergic", {"EU": "contraindicated", "US": "avoid"}, {}),
    "old": ("Old", {"EU": "inform"}, {}),
    "lit": ("Lit", {"EU": "avoid"}, {}),
    "tired": ("Tired", {"EU": "caution"}, {}),
    "moving": ("Moving", {"EU": "caution"}, {}),
    "staying": ("Staying", {"EU": "caution"}, {}),
    "first-day": ("FirstDay", {"EU": "hold"}, {"refines": (advisory("glow"),)}),
    "window": ("Window", {"EU": "caution"}, {}),
}


def _advisories() -> dict[str, Advisory]:
    return {
        advisory(name): Advisory(
            label=f"advice: {name}",
            about=(drug("indexumab"),),
            topic=BASE + "topic/" + name.split("-")[0],
            applies_to=criterion(asks),
            severities=severities,
            management=f"Mind {name}.",
            statements=(BASE + f"statement/{name}.a",),
            **more,  # type: ignore[arg-type]
        )
        for name, (asks, severities, more) in _ADVICE.items()
    }


def _statements() -> dict[str, Statement]:
    made = {
        BASE + f"statement/{name}.a": Statement(
            label=name,
            says=f"The almanac says to mind {name}.",
            source=BASE + "source/almanac",
            locator="Section 1",
            jurisdiction="EU",
            grade="label",
            verification="verified",
            supports=severities.get("EU"),
        )
        for name, (_, severities, _) in _ADVICE.items()
    }
    made[BASE + "statement/quiet"] = Statement(
        label="quiet",
        says="Soothers before a dose are part of the scheme.",
        source=BASE + "source/almanac",
        locator="Section 2",
        jurisdiction="EU",
        grade="label",
        verification="verified",
    )
    return made


@cache
def world() -> Snapshot:
    """Make the invented world once."""
    topics = {BASE + "topic/" + n.split("-")[0]: n.split("-")[0] for n in _ADVICE}
    made = Snapshot(
        version="0.0.1",
        knowledge_hash="sha256:0",
        index_drug=drug("indexumab"),
        drugs=drugs(),
        classes=classes(),
        conditions=conditions(),
        observations=observations(),
        derivations=DERIVATIONS,
        flags=flags(),
        phases={
            phase(p): ListedValue(
                label=p.replace("-", " "),
                key=p.replace("-", "_"),
                precedes_treatment=p == "before-first-dose",
            )
            for p in PHASES
        },
        roles={role(r): ListedValue(label=r, key=r) for r in ROLES},
        values=values(),
        absences=ABSENCES,
        populations={BASE + "population/Tired": Term(label="tired patients")},
        properties=properties(),
        systems=systems(),
        criteria={
            criterion(n): Criterion(label=n, definition=f"This is {n}.", expression=e)
            for n, e in EXPRESSIONS.items()
        },
        set_aside_roles={
            criterion("SootherBeforeDose"): role("premedication"),
            criterion("SootherEarly"): role("cytoreduction"),
        },
        topics=topics,
        advisories=_advisories(),
        plan={
            BASE + "advisory/plan-watch": PlanEntry(
                label="watch",
                about=(drug("indexumab"),),
                topic=BASE + "topic/hum",
                phases=(phase("before-dose"),),
                management="Watch.",
                validity_hours=24,
                valid_kinds=(observation("Glow"),),
                days_after_last_dose=56,
            ),
            BASE + "advisory/plan-always": PlanEntry(
                label="always",
                about=(drug("indexumab"),),
                topic=BASE + "topic/hum",
                phases=tuple(phase(p) for p in PHASES),
                management="Always.",
            ),
        },
        silences={
            BASE + "silence/soothers": Silence(
                label="soothers",
                topic=BASE + "topic/hum",
                concerns=(criterion("SootherBeforeDose"),),
                statements=(BASE + "statement/quiet",),
            )
        },
        statements=_statements(),
        sources={
            BASE + "source/almanac": Source(label="The almanac", review_due="2026-06-30"),
            BASE + "source/gazette": Source(label="The gazette"),
        },
        disagreements={
            BASE + "disagreement/hum": Disagreement(
                label="humming",
                readings=(BASE + "statement/hum.a",),
                taken=(BASE + "statement/hum.a",),
                resolution="The stricter reading is taken.",
                reason="It is safer.",
                to_be_confirmed_by="a pharmacist",
            )
        },
        jurisdictions={
            BASE + f"jurisdiction/{key.lower()}": Jurisdiction(
                label=key, key=key, rank=n, chosen=n < 4, inherits=("EU",) if key == "UK" else ()
            )
            for n, key in enumerate(("EU", "UK", "US", "local", "derived"), 1)
        },
        mechanisms={},
        axes={"hum": Axis(label="humming", term=BASE + "axis/hum", needed_of=("ingredient",))},
        flag_groups=(
            FlagGroup(
                flags=(flag("fertile"), flag("faded")), sex=value("female"), ages=("10", "55")
            ),
        ),
        text_words=WORDS,
        ladders=LADDERS,
        grades=GRADES,
        changes=CHANGES,
    )
    return decided(made)

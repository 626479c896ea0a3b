"""The terms of the invented world: drugs, classes, conditions, measurements, words and codes."""

from __future__ import annotations

from kg import terms
from kg.snapshot.model import (
    Absence,
    Code,
    CodeRange,
    CodeSystem,
    Condition,
    Derivation,
    Drug,
    DrugClass,
    Flag,
    ListedValue,
    Observation,
    Property,
    TextWord,
    Unit,
)
from kg.terms import BASE, ik

ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"


def drug(name: str) -> str:
    return BASE + "drug/" + name


def group(name: str) -> str:
    return BASE + "class/" + name


def condition(name: str) -> str:
    return BASE + "condition/" + name


def observation(name: str) -> str:
    return BASE + "observation/" + name


def value(name: str) -> str:
    return BASE + "value/" + name


def role(name: str) -> str:
    return BASE + "role/" + name


def phase(name: str) -> str:
    return BASE + "phase/" + name


def flag(name: str) -> str:
    return BASE + "flag/" + name


def absence(name: str) -> str:
    return BASE + "absence/" + name


def criterion(name: str) -> str:
    return BASE + "criterion/" + name


def advisory(name: str) -> str:
    return BASE + "advisory/" + name


# --- drugs ------------------------------------------------------------------------------------

HUMMING = group("HummingDrug")
ZAROLIDE = group("Zarolide")
SOOTHER = group("Soother")
PAIRED = group("PairedDrug")
FORBIDDEN = BASE + "substance/Forbidden"

_MEMBERS = {
    HUMMING: ("quibalol", "ravotin", "pellin"),
    ZAROLIDE: ("quibalol", "tandrix"),
    SOOTHER: ("pellin",),
    PAIRED: ("karmin", "lusitol"),
    FORBIDDEN: ("indexumab", "sugarine"),
    group("HummingZarolide"): ("quibalol",),
    group("Loner"): ("tandrix",),
}


def drugs() -> dict[str, Drug]:
    made = {
        "quibalol": Drug(
            label="quibalol",
            names=("quibalole", "Quibál acid"),
            kind="drug",
            brands=("Quibex",),
            misspellings=("quibolol",),
            assessed=True,
        ),
        "ravotin": Drug(
            label="ravotin",
            kind="drug",
            brands=("Duplex",),
            half_life_hours="6",
            half_life_upper_hours="12",
            confusable_with=(drug("ravolin"),),
            assessed=True,
        ),
        "ravolin": Drug(label="ravolin", kind="drug", assessed=True),
        "tandrix": Drug(
            label="tandrix",
            names=("beta-tandrix 2a",),
            kind="drug",
            brands=("Duplex",),
            assessed=True,
        ),
        "mystol": Drug(label="mystol", kind="drug", open_axes=("hum",)),
        "pellin": Drug(label="pellin", kind="drug", assessed=True),
        "karmin": Drug(label="karmin", kind="drug", assessed=True),
        "lusitol": Drug(label="lusitol", kind="drug", assessed=True),
        "oral-rinse-salts": Drug(label="oral rinse salts", kind="drug", assessed=True),
        "indexumab": Drug(label="indexumab", kind="index", assessed=True),
        "co-quibatan": Drug(
            label="co-quibatan",
            kind="combination",
            components=(drug("quibalol"), drug("tandrix")),
        ),
        "sugarine": Drug(label="sugarine 80", kind="excipient"),
        "pollenose": Drug(label="pollenose", kind="allergen"),
    }
    return {drug(name): known for name, known in made.items()}


def classes() -> dict[str, DrugClass]:
    return {
        iri: DrugClass(
            label={HUMMING: "drugs that hum", ZAROLIDE: "zarolides"}.get(iri, terms.local(iri)),
            members=tuple(drug(m) for m in members),
            axes=("hum",) if iri == HUMMING else (),
        )
        for iri, members in _MEMBERS.items()
    }


# --- conditions and observations ----------------------------------------------------------------


def _condition(label: str, *above: str, **more: object) -> Condition:
    return Condition(label=label, ancestors=(*above, ik("Condition")), **more)  # type: ignore[arg-type]


def conditions() -> dict[str, Condition]:
    blight = condition("Blight")
    return {
        blight: _condition("blight", blight, names=("blight of the bark", "Bark's blight")),
        condition("GreyBlight"): _condition("grey blight", condition("GreyBlight"), blight),
        condition("Rumble"): _condition("rumble", condition("Rumble"), names=("RMB", "Rb+ rumble")),
        condition("SilentRumble"): _condition("Rb- rumble", condition("SilentRumble")),
        condition("OldRumble"): _condition(
            "previous severe rumble",
            condition("OldRumble"),
            condition("Rumble"),
            implied_course=value("past"),
            implied_severity=value("severe"),
        ),
        condition("Calm"): _condition("calm", condition("Calm")),
        condition("Vague"): _condition(
            "vague trouble", condition("Vague"), assessed=False, touches=(BASE + "topic/blight",)
        ),
        condition("Move"): _condition(
            "move ahead", condition("Move"), implied_flag=flag("planned-move")
        ),
    }


def observations() -> dict[str, Observation]:
    def kind(label: str, name: str, *above: str, **more: object) -> tuple[str, Observation]:
        ancestors = (observation(name), *map(observation, above), ik("Observation"))
        return observation(name), Observation(label=label, ancestors=ancestors, **more)  # type: ignore[arg-type]

    return dict(
        (
            kind(
                "glow",
                "Glow",
                unit="umol/L",
                units=(Unit("umol/L", "1"), Unit("mg/dL", "17.104")),
                plausible=("0", "1200"),
                upper_limits=("17", "26"),
            ),
            kind("zeal", "Zeal", unit="U/L", plausible=("0", "9000"), upper_limits=("20", "40")),
            kind("zest", "Zest", unit="U/L", plausible=("0", "9000"), upper_limits=("20", "40")),
            kind("vigour", "Vigour"),
            kind("swing", "Swing", one_suffices=True),
            kind("swing A", "SwingA", "Swing", unit="ms", plausible=("200", "1000")),
            kind("swing B", "SwingB", "Swing", unit="ms", plausible=("200", "1000")),
            kind("gap", "Gap", unit="ms", plausible=("200", "1000")),
            kind("beat", "Beat", unit="/min", plausible=("20", "300")),
            kind("grain", "Grain", unit="10*9/L", plausible=("0", "1000")),
            kind("grain share", "GrainShare", unit="%", plausible=("0", "100")),
            kind("flour", "Flour", unit="10*9/L", plausible=("0", "1000")),
            kind(
                "spark", "Spark", unit="mmol/L", plausible=("0", "20"), lower_limits=("3.3", "3.6")
            ),
            kind("warmth", "Warmth", unit="Cel", units=(Unit("K", "1", "-273.15"),)),
            kind("signal", "Signal", unit="{presence}", plausible=("0", "1")),
        )
    )


DERIVATIONS = (
    Derivation("larger-of", observation("Vigour"), (observation("Zeal"), observation("Zest"))),
    Derivation("share-of", observation("Grain"), (observation("GrainShare"), observation("Flour"))),
    Derivation(
        "cube-root-correction", observation("SwingA"), (observation("Gap"), observation("Beat"))
    ),
)

# --- closed lists ---------------------------------------------------------------------------------


def values() -> dict[str, ListedValue]:
    keys = {
        "mild": "mild",
        "moderate": "moderate",
        "severe": "severe",
        "severity-unstated": "",
        "confirmed": "",
        "suspected": "suspected",
        "ongoing": "active",
        "past": "resolved",
        "course-open": "",
        "female": "female",
        "male": "male",
        "route-systemic": "systemic",
        "route-local": "local",
        "route-intrathecal": "intrathecal",
        "route-unstated": "",
        "use-unstated": "",
        "dose-unstated": "",
        "baseline-unstated": "",
    }
    return {value(n): ListedValue(label=n.replace("-", " "), key=k) for n, k in keys.items()}


ROLES = ("premedication", "cytoreduction", "conditioning", "prophylaxis", "treatment")
PHASES = ("before-first-dose", "before-dose", "during-treatment", "after-treatment")


def properties() -> dict[str, Property]:
    def below(name: str, *above: str) -> Property:
        return Property(wider=(name, *above))

    takes_or_plans = ik("takesOrPlans")
    admitting = {
        terms.USE: ([role(r) for r in ROLES], "use-unstated", "medications.role"),
        terms.ROUTE: (
            [value(f"route-{r}") for r in ("systemic", "local", "intrathecal")],
            "route-unstated",
            "medications.route",
        ),
        terms.SEVERITY: (
            [value(s) for s in ("mild", "moderate", "severe")],
            "severity-unstated",
            "conditions.severity",
        ),
        terms.CERTAINTY: ([value("confirmed"), value("suspected")], None, None),
        terms.PHASE: ([phase(p) for p in PHASES], None, "context.phase"),
        terms.MEDICATION_PHASE: ([phase(p) for p in PHASES], None, "context.phase"),
        terms.SEX: ([value("female"), value("male")], None, "patient.sex"),
        terms.STATED_DOSE: ([], "dose-unstated", None),
        terms.STATED_BASELINE: ([], "baseline-unstated", None),
    }
    numbers: dict[str, tuple[tuple[str, str] | None, str | None]] = {
        terms.AGE_YEARS: (("0", "130"), "patient.age_years"),
        terms.WEIGHT_KG: (("0.5", "500"), "patient.weight_kg"),
        terms.HEIGHT_CM: (("20", "280"), "patient.height_cm"),
        terms.CYCLE: (("1", "20"), "context.cycle"),
        terms.CYCLE_DAY: (("1", "60"), "context.day"),
        terms.COMPLETED_CYCLES: (("0", "19"), None),
        terms.SALVAGE_LINE: (("1", "20"), "context.salvage_line"),
        terms.MONTHS_SINCE_LAST_DOSE: (("0", "1200"), None),
        terms.DAYS_SINCE_LAST_DOSE: (("0", "36500"), None),
        terms.DAYS_SINCE_DOSE_DUE: (("0", "36500"), None),
        terms.DOSE_TIMES_REDUCED: (("0", "100"), None),
        terms.DAYS_SINCE_LAST_TAKEN: (("0", "36500"), None),
        terms.HALF_LIVES_SINCE_LAST_TAKEN: (("0", "100000"), None),
        terms.DAILY_DOSE_MG: (("0", "1000000"), None),
        terms.CTCAE_GRADE: (("1", "5"), "conditions.grade"),
        terms.VALUE: (None, None),
        terms.TIMES_UPPER_LIMIT: (None, None),
        terms.TIMES_LOWER_LIMIT: (None, None),
        terms.BASELINE_VALUE: (None, None),
        terms.CHANGE_FROM_BASELINE: (None, None),
        terms.TIMES_BASELINE: (None, None),
    }
    found = {
        terms.HAS_MEDICATION: below(terms.HAS_MEDICATION),
        takes_or_plans: below(takes_or_plans, terms.HAS_MEDICATION),
        terms.TAKES: below(terms.TAKES, takes_or_plans, terms.HAS_MEDICATION),
        terms.PLANS: below(terms.PLANS, takes_or_plans, terms.HAS_MEDICATION),
        terms.STOPPED: below(terms.STOPPED, terms.HAS_MEDICATION),
        terms.HAS_CONDITION: below(terms.HAS_CONDITION),
        terms.HAS_ONGOING: below(terms.HAS_ONGOING, terms.HAS_CONDITION),
        terms.HAS_PAST: below(terms.HAS_PAST, terms.HAS_CONDITION),
        terms.HAS_OBSERVATION: below(terms.HAS_OBSERVATION),
        terms.HAS_MEASURED: below(terms.HAS_MEASURED, terms.HAS_OBSERVATION),
        terms.HAS_ALLERGY: below(terms.HAS_ALLERGY),
        terms.HAS_FLAG: Property(input="patient.flags"),
        terms.LACKS: Property(),
    }
    for prop, (admits, unstated, source) in admitting.items():
        found[prop] = Property(
            admits=tuple(admits), unstated=value(unstated) if unstated else None, input=source
        )
    for prop, (plausible, source) in numbers.items():
        interval = 7 if prop == terms.DAYS_SINCE_DOSE_DUE else None
        found[prop] = Property(plausible=plausible, input=source, interval_days=interval)
    return found


def flags() -> dict[str, Flag]:
    known = {
        "lit": Flag(label="lit", key="lit", contrary=flag("unlit")),
        "unlit": Flag(label="unlit", key="unlit", contrary=flag("lit")),
        "fertile": Flag(label="fertile", key="fertile"),
        "faded": Flag(label="faded", key="faded"),
        "planned-move": Flag(
            label="move planned", key="planned_move", input="context.hsct_planned"
        ),
        "tired": Flag(label="tired", key="tired", population=BASE + "population/Tired"),
    }
    return {flag(name): known_flag for name, known_flag in known.items()}


ABSENCES = {
    absence("no-swing"): Absence(
        label="no swing given", kind="no-observation", of=observation("Swing")
    ),
    absence("day-unstated"): Absence(
        label="day not stated", kind="field-unstated", of="context.day"
    ),
    absence("move-unstated"): Absence(
        label="move not stated", kind="flag-unstated", of=flag("planned-move")
    ),
    absence("move-denied"): Absence(
        label="move denied", kind="flag-denied", of=flag("planned-move")
    ),
}

WORDS = (
    TextWord(
        words=("tablet", "tablets", "oral"), beside="medication", route=value("route-systemic")
    ),
    TextWord(words=("cream", "eye drops"), beside="medication", route=value("route-local")),
    TextWord(words=("IT",), beside="medication", route=value("route-intrathecal")),
    TextWord(words=("four times daily", "qds"), beside="medication", times_per_day="4"),
    TextWord(words=("daily", "once daily"), beside="medication", times_per_day="1"),
    TextWord(words=("premed",), beside="medication", role=role("premedication")),
    TextWord(words=("hydrochloride", "sodium"), beside="salt"),
    TextWord(words=("severe",), beside="condition", severity=value("severe")),
    TextWord(words=("mild",), beside="condition", severity=value("mild")),
    TextWord(words=("previous",), beside="condition", course=value("past")),
    TextWord(words=("history of",), beside="condition", course=value("course-open")),
    TextWord(words=("suspected", "?"), beside="condition", certainty=value("suspected")),
    TextWord(words=("grade 3",), beside="condition", grade=3),
    TextWord(words=("positive",), beside="observation", result="1"),
    TextWord(words=("negative",), beside="observation", result="0"),
)

# --- codes ----------------------------------------------------------------------------------------


def systems() -> dict[str, CodeSystem]:
    return {
        BASE + "system/atc": CodeSystem(
            uri=ATC,
            label="ATC",
            accepted=True,
            codes={
                "Q01AA01": Code(drug("quibalol")),
                "D01AA01": Code(drug("quibalol"), route=value("route-local")),
                "Q01AA02": Code(drug("tandrix")),
                "Q01AA": Code(ZAROLIDE),
                "Q01": Code(HUMMING),
                "Q01AA51": Code(drug("co-quibatan")),
            },
        ),
        BASE + "system/rxnorm": CodeSystem(
            uri=RXNORM,
            label="RxNorm",
            accepted=True,
            codes={"11": Code(drug("quibalol")), "12": Code(drug("ravotin"))},
        ),
        BASE + "system/icd10": CodeSystem(
            uri=ICD10,
            label="ICD-10",
            accepted=True,
            codes={
                "Q74": Code(condition("Blight")),
                "Q74.6": Code(condition("GreyBlight")),
                "Q75.8": Code(condition("GreyBlight"), match="narrow"),
            },
            ranges=(
                CodeRange("R00", "R99", condition("Vague")),
                CodeRange("R10", "R19", condition("Calm")),
            ),
            by_prefix=True,
        ),
        BASE + "system/loinc": CodeSystem(
            uri=LOINC, label="LOINC", accepted=True, codes={"1-8": Code(observation("Glow"))}
        ),
        BASE + "system/hidden": CodeSystem(
            uri="urn:hidden", label="hidden", accepted=False, codes={"1": Code(drug("quibalol"))}
        ),
    }

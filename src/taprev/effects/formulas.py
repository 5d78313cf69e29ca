"""The formula of every derivation in writing, line by line, in the arithmetic of Python.

The effects are computed by `derivations`, not by these lines. The lines state the same formulas in the words of
the codebook, so that a person can follow an effect with a pocket calculator. Evaluated, both agree.
"""

from __future__ import annotations

from taprev.vocabulary import SdBasis

Lines = tuple[tuple[str, str], ...]

SD_POOLED = "sqrt(((n_arm1 - 1) * {sd}_arm1**2 + (n_arm2 - 1) * {sd}_arm2**2) / (n_arm1 + n_arm2 - 2))"
V_G = ("v", "1 / n_arm1 + 1 / n_arm2 + g**2 / (2 * (n_arm1 + n_arm2))")
V_G_FACTOR = ("v", "factor**2 * (1 / n_arm1 + 1 / n_arm2) + g**2 / (2 * (n_arm1 + n_arm2))")
V_SMCR = ("v", "2 * (1 - r) / n_arm1 + g**2 / (2 * n_arm1)")
SE_T = ("SE", "(ci_ub - ci_lb) / (2 * t_at((1 + level) / 2, error_df))")
SE_Z = ("SE", "(ci_ub - ci_lb) / (2 * z_at((1 + level) / 2))")

TESTS: dict[str, Lines] = {
    "t": (("t", "abs(t)"),),
    "F": (("t", "sqrt(F)"),),
    "p": (("t", "t_of_p(p, error_df)"),),
    "z": (("t", "abs(z)"),),
    "interval": (SE_T, ("t", "md / SE")),
    "SE": (("t", "md / se"),),
    "interval alone": (SE_T, ("md", "(ci_lb + ci_ub) / 2"), ("t", "md / SE")),
    "p of a difference": (("t", "t_of_p(p, error_df)"),),
}
FACTORS = {SdBasis.RAW: "1", SdBasis.CHANGE: "sqrt(2 * (1 - r))", SdBasis.RESIDUAL: "sqrt(1 - r**2)"}
SMD_OF_T = (
    ("g", "J(people_arm1 + people_arm2 - 2) * t * sqrt(1 / people_arm1 + 1 / people_arm2) * factor"),
    V_G_FACTOR,
)
SMCR_OF_T = (("g", "J(people_arm1 - 1) * t / sqrt(people_arm1) * sqrt(2 * (1 - r))"), V_SMCR)
SMCR_OF_INDEPENDENT_T = (("g", "J(people_arm1 - 1) * t * sqrt(2 / people_arm1)"), V_SMCR)

SMD_OF_MEANS = (
    ("sd_pooled", SD_POOLED.format(sd="sd")),
    ("g", "J(n_arm1 + n_arm2 - 2) * (mean_arm1 - mean_arm2) / sd_pooled"),
    V_G,
)
SMCR_OF_MEANS = (("g", "J(n_arm1 - 1) * (mean_arm1 - mean_arm2) / sd_arm2"), V_SMCR)
MD_OF_MEANS = (("y", "mean_arm1 - mean_arm2"), ("v", "sd_arm1**2 / n_arm1 + sd_arm2**2 / n_arm2"))
MC_OF_MEANS = (
    ("y", "mean_arm1 - mean_arm2"),
    ("v", "(sd_arm1**2 + sd_arm2**2 - 2 * r * sd_arm1 * sd_arm2) / n_arm1"),
)
PRINTED_SMD_INTERVAL = (("g", "abs(smd)"), SE_Z, ("v", "SE**2"))
PRINTED_SMD_SE = (("g", "abs(smd)"), ("v", "se**2"))
PRINTED_SMD_P = (("g", "abs(smd)"), ("SE", "g / z_at(1 - p / 2)"), ("v", "SE**2"))
PRINTED_RATIO = ("y", "log(ratio)")
PRINTED_R = ("y", "atanh(pearson_r)")


def _of_medians(arm: str, people: str) -> Lines:
    """Return the mean and the SD of an arm from its median and quartiles."""
    return (
        (f"w_{arm}", f"0.7 + 0.39 / {people}"),
        (f"mean_{arm}", f"w_{arm} * (q1_{arm} + q3_{arm}) / 2 + (1 - w_{arm}) * median_{arm}"),
        (f"sd_{arm}", f"(q3_{arm} - q1_{arm}) / (2 * z_at((0.75 * {people} - 0.125) / ({people} + 0.25)))"),
    )


TWO_MEDIANS = (*_of_medians("arm1", "people_arm1"), *_of_medians("arm2", "people_arm2"))
PAIRED_MEDIANS = (*_of_medians("arm1", "people_arm1"), *_of_medians("arm2", "people_arm1"))
MEDIANS_OF_SAME = (*_of_medians("arm2", "people_arm1"), *_of_medians("arm1", "people_arm1")[:2])


def _md_of_interval(counted: str, tested: str) -> Lines:
    return (SE_T, ("y", "md"), ("v", f"SE**2 * ({counted}) / ({tested})"))


GIVEN_AS_THEY_ARE = ("MD", "log ratio", "Fisher's z")
FORMULAS: dict[tuple[str, str], Lines] = {
    ("SMD from means", "parallel"): SMD_OF_MEANS,
    ("SMCR from means", "paired"): SMCR_OF_MEANS,
    ("SMD from medians", "parallel"): (*TWO_MEDIANS, *SMD_OF_MEANS),
    ("SMCR from medians", "paired"): (*MEDIANS_OF_SAME, *SMCR_OF_MEANS),
    ("SMD from change scores", "parallel"): (
        ("sd_pooled", SD_POOLED.format(sd="sd_change")),
        ("factor", "sqrt(2 * (1 - r))"),
        ("g", "J(n_arm1 + n_arm2 - 2) * (mean_change_arm1 - mean_change_arm2) / sd_pooled * factor"),
        V_G_FACTOR,
    ),
    ("SMCR from change scores", "paired"): (
        ("g", "J(n_arm1 - 1) * mean_change_arm1 / sd_change_arm1 * sqrt(2 * (1 - r))"),
        V_SMCR,
    ),
    ("SMD with printed interval", "parallel"): PRINTED_SMD_INTERVAL,
    ("SMCR with printed interval", "paired"): PRINTED_SMD_INTERVAL,
    ("SMD with printed SE", "parallel"): PRINTED_SMD_SE,
    ("SMCR with printed SE", "paired"): PRINTED_SMD_SE,
    ("SMD with printed p", "parallel"): PRINTED_SMD_P,
    ("SMCR with printed p", "paired"): PRINTED_SMD_P,
    ("SMD as printed", "parallel"): (("g", "abs(smd)"), V_G),
    ("SMCR as printed", "paired"): (("g", "abs(smd)"), V_SMCR),
    ("SMD from Cohen's f", "parallel"): (
        ("d", "cohens_f / sqrt(people_arm1 * people_arm2 / (people_arm1 + people_arm2)**2)"),
        ("g", "J(people_arm1 + people_arm2 - 2) * d"),
        V_G,
    ),
    ("MD from means", "parallel"): MD_OF_MEANS,
    ("MD from means", "paired"): MC_OF_MEANS,
    ("MD from medians", "parallel"): (*TWO_MEDIANS, *MD_OF_MEANS),
    ("MD from medians", "paired"): (*PAIRED_MEDIANS, *MC_OF_MEANS),
    ("MD from change scores", "parallel"): (
        ("y", "mean_change_arm1 - mean_change_arm2"),
        ("v", "sd_change_arm1**2 / n_arm1 + sd_change_arm2**2 / n_arm2"),
    ),
    ("MD from change scores", "paired"): (
        ("y", "mean_change_arm1"),
        ("v", "sd_change_arm1**2 / n_arm1"),
    ),
    ("MD from interval", "parallel"): _md_of_interval("1 / n_arm1 + 1 / n_arm2", "1 / people_arm1 + 1 / people_arm2"),
    ("MD from interval", "paired"): _md_of_interval("1 / n_arm1", "1 / people_arm1"),
    ("MD from SE", "any"): (("y", "md"), ("v", "se**2")),
    ("MD from p", "any"): (("y", "md"), ("SE", "abs(md) / t_of_p(p, error_df)"), ("v", "SE**2")),
    ("MD from interval without n", "any"): (("y", "md"), SE_Z, ("v", "SE**2")),
    ("log odds ratio from events", "parallel"): (
        ("y", "log(event_arm1 / (totaln_arm1 - event_arm1)) - log(event_arm2 / (totaln_arm2 - event_arm2))"),
        ("v", "1 / event_arm1 + 1 / (totaln_arm1 - event_arm1) + 1 / event_arm2 + 1 / (totaln_arm2 - event_arm2)"),
    ),
    ("log risk ratio from events", "parallel"): (
        ("y", "log(event_arm1 / totaln_arm1) - log(event_arm2 / totaln_arm2)"),
        ("v", "1 / event_arm1 - 1 / totaln_arm1 + 1 / event_arm2 - 1 / totaln_arm2"),
    ),
    ("log ratio from interval", "any"): (
        PRINTED_RATIO,
        ("SE", "(log(ci_ub) - log(ci_lb)) / (2 * z_at((1 + level) / 2))"),
        ("v", "SE**2"),
    ),
    ("log ratio from SE", "any"): (PRINTED_RATIO, ("v", "se**2")),
    ("log ratio from p", "any"): (PRINTED_RATIO, ("SE", "abs(log(ratio)) / z_at(1 - p / 2)"), ("v", "SE**2")),
    ("Fisher's z from r and interval", "any"): (
        PRINTED_R,
        ("SE", "(atanh(ci_ub) - atanh(ci_lb)) / (2 * z_at((1 + level) / 2))"),
        ("v", "SE**2"),
    ),
    ("Fisher's z from r and SE", "any"): (PRINTED_R, ("SE", "se / (1 - pearson_r**2)"), ("v", "SE**2")),
    ("Fisher's z from r and n", "any"): (PRINTED_R, ("v", "1 / (n_arm1 - 3)")),
    ("Fisher's z from r and p", "any"): (PRINTED_R, ("SE", "abs(y) / z_at(1 - p / 2)"), ("v", "SE**2")),
    **{
        (f"{measure} given with {precision}", family): (("y", "yi"), ("v", variance))
        for measure, family in (("SMD", "parallel"), ("SMCR", "paired"), *((name, "any") for name in GIVEN_AS_THEY_ARE))
        for precision, variance in (("variance", "vi"), ("SE", "se**2"))
    },
    ("log rate ratio from counts", "any"): (
        ("y", "log(count_arm1 / time_arm1) - log(count_arm2 / time_arm2)"),
        ("v", "overdispersion * (1 / count_arm1 + 1 / count_arm2)"),
    ),
}


def formula(name: str, family: str, basis: str, independent: bool = False) -> Lines:
    """Return the lines of a derivation's formula.

    Parameters
    ----------
    name : str
        The derivation.
    family : str
        `paired`, `parallel` or `any`.
    basis : str
        What a t is based on: raw scores, changes or residuals.
    independent : bool
        Whether a test of the same people before and after took them as different people.

    Returns
    -------
    tuple of tuple of str
        Pairs of a name and its formula, in the arithmetic of Python.
    """
    kind, _, test = name.partition(" from ")
    if test in TESTS and (name, family) not in FORMULAS:
        if kind == "SMCR":
            return (*TESTS[test], *(SMCR_OF_INDEPENDENT_T if independent else SMCR_OF_T))
        return (*TESTS[test], ("factor", FACTORS.get(SdBasis(basis or SdBasis.RAW), FACTORS[SdBasis.RAW])), *SMD_OF_T)
    return FORMULAS[name, family]

"""The summary of a session in which the reader read first."""

from core.inference.first_readings import FEWEST_FOR_KAPPA, Summary
from core.messages.catalogue import text
from core.reporting.numbers import written_share


def summary_sentences(found: Summary, language: str) -> list[str]:
    """Agreement of reader and model, kappa, and both against the truth where it is known.

    Args:
        found: Of at least one film.
        language: A language of the catalogue.
    """
    agreed = written_share(found.agreed, found.films, language)
    lines = [
        text(language, "read_first.agreed", n=found.films, agreed=found.agreed, **agreed),
        text(language, "read_first.no_kappa", fewest=FEWEST_FOR_KAPPA)
        if found.kappa is None
        else text(language, "read_first.kappa", kappa=f"{found.kappa:.2f}"),
    ]
    if not found.known:
        return [*lines, text(language, "read_first.no_truth")]
    for who, right in (("reader", found.reader_right), ("model", found.model_right)):
        share = written_share(right, found.known, language)
        lines.append(
            text(language, f"read_first.{who}_right", right=right, known=found.known, **share)
        )
    return lines

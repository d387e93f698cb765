"""Fuzz every reader: ``make fuzz``, or ``python -m tests.fuzz --seconds 60 --seed 1``.

Each finding is written into ``test-output/fuzz`` with its reason and the number that makes it.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.running import fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600, help="how long (an hour)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first file")
    parser.add_argument("--output", type=Path, default=Path("test-output/fuzz"))
    chosen = parser.parse_args()
    tried, findings = fuzz(chosen.seed, chosen.seconds)
    chosen.output.mkdir(parents=True, exist_ok=True)
    for finding in findings:
        file = chosen.output / f"{finding.number}-{finding.seed.replace(' ', '-')}"
        file.write_bytes(finding.data)
        file.with_suffix(".txt").write_text(f"{finding.seed}, --seed {finding.number}: {finding}\n")
        sys.stdout.write(f"{file}: {finding}\n")
    sys.stdout.write(f"{tried} files from --seed {chosen.seed} on, {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

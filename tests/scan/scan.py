"""Scan the code with bandit and with the house's rules for semgrep, offline; exit code 1 for a finding.

Each rule must find what it is for in `wrong/`, so that no rule is one in name alone.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROOMS = ("app", "auth", "data", "pages")
WRONG = HERE / "wrong" / "app" / "wrong.py"
PROGRAMS = Path(sys.executable).parent
OPTIONS = (
    "--metrics=off",
    "--disable-version-check",
    "--no-git-ignore",
    "--x-ignore-semgrepignore-files",  # which would leave out `wrong/`
    "--quiet",
    "--json",
)


def main():
    bandit = subprocess.Popen([PROGRAMS / "bandit", "-q", "-ll", "-c", HERE / "bandit.yaml", "-r", *ROOMS], cwd=ROOT)
    semgrep = subprocess.run(
        [
            PROGRAMS / "semgrep",
            "scan",
            *OPTIONS,
            "--config",
            HERE / "rules.yaml",
            *ROOMS,
            WRONG.parent.relative_to(ROOT),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(semgrep.stdout or '{"results": [], "errors": ["semgrep did not run"]}')
    found = {(each["path"], each["start"]["line"], each["check_id"].rpartition(".")[2]) for each in told["results"]}
    wanted = {(str(WRONG.relative_to(ROOT)), line, rule) for line, rule in expected()}
    for path, line, rule in sorted(found - wanted):
        print(f"{path}:{line}: {rule}: {message(told, rule)}")
    for path, line, rule in sorted(wanted - found):
        print(f"{path}:{line}: {rule} does not find this")
    rules = set(re.findall(r"- id: (\S+)", (HERE / "rules.yaml").read_text(encoding="utf-8")))
    untried = rules - {rule for *_, rule in wanted}
    for problem in [*(f"{rule} is not tried in {WRONG.name}" for rule in sorted(untried)), *told["errors"]]:
        print(problem)
    return bool(bandit.wait() or found != wanted or untried or told["errors"])


def expected():
    """The lines after comments that name a rule."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    comments = ((number, re.fullmatch(r"\s*# ([a-z]+(?:-[a-z]+)+)", line)) for number, line in enumerate(lines, 1))
    return [(number + 1, match[1]) for number, match in comments if match]


def message(told, rule):
    return next(each["extra"]["message"] for each in told["results"] if each["check_id"].endswith(rule))


if __name__ == "__main__":
    sys.exit(main())

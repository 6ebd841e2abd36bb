"""Checks that the pages about the sources speak of what is there.

usage: pages_test.py ROOT. In the tables of behaviour.md, framework.md and seen_elsewhere.md every test and file
that is named exists; every row of the numbering is in one of them; a test of tests/c whose comment names a row
stands in it. Every snippet of CONTRIBUTING.md stands as it is in the file that the comment before it names.
"""

import os
import re
import sys

PAGES = ("tests/behaviour.md", "tests/framework.md", "tests/seen_elsewhere.md")
ROW = r"[A-Z]{1,2}-?\d{1,2}"

# The numbering: the framework's rows, then the catalogue's, as far as a number was given.
NUMBERING = """
L1–L12 M1–M10 R1–R13 RS1–RS9 E1–E10 ST1–ST10 C1–C5 B1–B7 W1–W4 T1–T13 SM1–SM7 SL1–SL7 RC1–RC4 G1–G7 P-1–P-14
D1–D6 X1–X11 N1–N8
LC01–LC16 MB01 MB03–MB09 MB11–MB16 RQ01–RQ06 RQ08–RQ15 RQ17 TM01–TM11 RG01–RG08 SH01–SH14 AB01–AB04 AB06–AB08 AB10
SV01–SV11 SV13–SV15 SV17–SV25 SV27 SV29–SV31 HO1–HO4 UV1–UV3 EX01–EX03 EX06 EX07 LM01–LM08 LM10–LM15 DT01–DT03 DT05–DT10
IN01–IN03 IN05 IN06
"""


def fail(page, message):
    sys.exit(f"{page}: {message}")


def read(root, path):
    with open(f"{root}/{path}", encoding="utf-8") as file:
        return file.read()


def rows_in(text):
    """The names of rows, with ranges such as RS1–RS4 spelt out."""
    for first, last in re.findall(rf"\b({ROW})(?:–({ROW}))?\b", text):
        family = re.match(r"[A-Z]+-?", first).group()
        width = len(first) - len(family)
        end = int((last or first)[len(family):])
        for number in range(int(first[len(family):]), end + 1):
            yield f"{family}{number:0{width}d}"


def check_excerpts(root):
    excerpts = re.findall(r"(?:^<!-- from (\S+) -->\n)?^```\w+\n(.*?)\n```$", read(root, "CONTRIBUTING.md"), re.M | re.S)
    for path, excerpt in excerpts:
        if excerpt not in read(root, path):
            fail("CONTRIBUTING.md", f"this is not in {path}:\n{excerpt}")
    if len(excerpts) < 4:
        fail("CONTRIBUTING.md", f"only {len(excerpts)} snippets")


def check_test(root, page, row, program, test):
    """program: "cpp/task" or "src/timer/wheel" with Suite.Name as the test, or "c/exit", which may be "exit" alone."""
    folder, _, name = program.rpartition("/")
    path = f"tests/{folder or 'c'}/{name}_test.{'cpp' if re.match('cpp|src', folder) else 'c'}"
    if not os.path.exists(f"{root}/{path}"):
        fail(page, f"{row} names {path}, which is not there")
    declared = r",\s*".join(map(re.escape, test.split(".")))
    if not re.search(rf"(?:TEST|_test)\w*\(\s*{declared}\b", read(root, path)):
        fail(page, f"{row} names {test}, which {path} lacks")


def check_row(root, page, row, cell):
    """Yields the tests named; files named in backticks exist, in tests/ or at the top."""
    for path in re.findall(r"`([\w./-]+/[\w.-]*)`", cell):
        if not path.startswith("./") and not any(os.path.exists(f"{root}/{top}{path}") for top in ("tests/", "")):
            fail(page, f"{row} names {path}, which is not there")
    for group in cell.split("; "):
        program, colon, tests = group.partition(": ")
        if not colon or not re.fullmatch(r"[\w/]+", program):
            continue
        for test in tests.split(", "):
            check_test(root, page, row, program, test)
            yield program.removeprefix("c/"), test


def check_tables(root, page, least):
    """Returns what stands in each row of the page: the (program, test) by the row's names."""
    tests, rows, named = {}, 0, 0
    for line in read(root, page).splitlines():
        cells = line.rstrip(" |").split(" | ")
        if not line.startswith("| ") or len(cells) < 2:
            continue
        rows += 1
        here = list(check_row(root, page, cells[0][2:], cells[-1]))
        named += len(here)
        for row in rows_in(cells[0]):
            tests.setdefault(row, set()).update(here)
    if named < least:
        fail(page, f"only {named} tests named")
    print(f"{page}: {named} tests named in {rows} rows")
    return tests


def check_numbering(root, tests):
    elsewhere = read(root, PAGES[0]).split("### Not in these tables")[1] + read(root, PAGES[1])
    known = set(tests) | set(rows_in(elsewhere))
    numbered = set(rows_in(NUMBERING))
    if missing := sorted(numbered - known):
        fail(PAGES[0], f"no test and no reason for {', '.join(missing)}")
    if unknown := sorted(set(tests) - numbered):
        fail(PAGES[0], f"no such rows: {', '.join(unknown)}")


def check_comments(root, tests):
    """The other way round: whoever reads a test's comment finds it in the row."""
    for file in sorted(os.listdir(f"{root}/tests/c")):
        if not file.endswith("_test.c"):
            continue
        source = read(root, f"tests/c/{file}")
        program = file.removesuffix("_test.c")
        for comment, test in re.findall(r"/\*((?:(?!\*/).)*)\*/\s*static void (\w+)\(void \*\*state\)", source, re.S):
            for row in rows_in(comment):
                if (program, test) not in tests.get(row, ()):
                    fail(f"tests/c/{file}", f"{test} names {row}, which lacks it in {PAGES[0]}")


def main():
    root = sys.argv[1]
    check_excerpts(root)
    tests = {}
    for page, least in zip(PAGES, (350, 150, 80)):
        found = check_tables(root, page, least)
        if page != PAGES[2]:
            for row, here in found.items():
                tests.setdefault(row, set()).update(here)
    check_numbering(root, tests)
    check_comments(root, tests)


if __name__ == "__main__":
    main()

"""Compares what word_count prints with counts made by other means, over trees made for it.

usage: word_count_test.py PROGRAM counts|many_files|real_trees [PROJECT]
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

CHUNK = 64 * 1024
WORD = re.compile(rb"[0-9A-Za-z_\x80-\xff]+")


def cut(word):
    """The word as word_count keeps it."""
    return word.lower() if len(word) <= 255 else word[:255].decode(errors="ignore").encode().lower()


def count(root):
    """(files read, files and directories refused, of these files, Counter of words), without actors."""
    words, files, refused, bad = Counter(), 0, 0, 0

    def refuse(_):
        nonlocal refused
        refused += 1

    for folder, _, names in os.walk(os.fsencode(root), onerror=refuse):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            try:
                with open(path, "rb") as file:
                    text = file.read()
                text.decode("utf-8")
            except (OSError, UnicodeDecodeError):
                refused += 1
                bad += 1
                continue
            files += 1
            words.update(cut(word) for word in WORD.findall(text))
    return files, refused, bad, words


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, timeout=500)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')}")
    lines = done.stdout.split(b"\n")
    result = dict(pair.split("=") for pair in lines[-2].decode().removeprefix("result: ").split())
    ranked = [line.split() for line in lines if re.fullmatch(rb" *\d+ \S+", line)]
    return result, [(word, int(times)) for times, word in ranked], done.stderr.decode(errors="replace")


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: {actual!r} instead of {expected!r}")


def compare(program, root, top=50):
    files, refused, bad, words = count(root)
    result, ranked, errors = run(program, "--top", str(top), root)
    expect("files", int(result["files"]), files)
    expect("refused", int(result["refused"]), refused)
    expect("restarts", int(result["restarts"]), bad)
    expect("words", int(result["words"]), sum(words.values()))
    expect("distinct", int(result["distinct"]), len(words))
    expect("top", ranked, sorted(words.items(), key=lambda item: (-item[1], item[0]))[:top])
    told = sum(" refused /" in line for line in errors.split("\n"))
    expect("refusals told", told, min(refused, 10))
    if refused > 10 and f"refused {refused - 10} more" not in errors:
        sys.exit("the other refusals are not mentioned")
    if int(result["messages"]) < 3 * files:
        sys.exit(f"{result['messages']} messages for {files} files")
    return errors


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def nasty(root, chance):
    """A tree of everything that a walk and a count may stumble over."""
    letters = [c.encode() for c in "aBz09_äß語🙂.,- \n\t\0"]
    text = lambda n: b"".join(chance.choice(letters) for _ in range(n))
    write(f"{root}/empty", b"")
    write(f"{root}/no newline", b"one two")
    write(f"{root}/only blanks", b" \n\t" * 1000)
    write(f"{root}/large", b"".join(b"word%d, " % chance.randrange(50000) for _ in range(500000)))
    for size in (CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1):
        write(f"{root}/sizes/{size}", b"x" * size)
        write(f"{root}/sizes/{size} words", (b"border_%d " % size * size)[:size])
        # A character of several bytes, and a word, on both sides of the border.
        for shift in range(1, 5):
            border = b" " * (size - shift) + "🙂語ä".encode() + b"Across the border"
            write(f"{root}/borders/{size}-{shift}", border)
    write(f"{root}/long words", b"a" * 254 + b" " + b"b" * 255 + b" " + b"c" * 256 + b" "
          + b"d" * 254 + "ä".encode() + b" " + "語".encode() * 100 + b" " + b"e" * 300000)
    # Told apart by their 255th byte, and not by their 256th.
    write(f"{root}/longest", b"".join(b"f" * n + end for n in (254, 255) for end in (b"1 ", b"2 ")))
    for number in range(40):
        write(f"{root}/deep/{'/'.join('abcdefgh'[:number % 9])}/{number}", text(number * 700))
    for number, bad in enumerate((b"\xff", b"\x80", b"\xc3", b"\xc0\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80",
                                  b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5", b"\xe2\x82")):
        write(f"{root}/bad/{number}", b"lost words " + bad)
        write(f"{root}/bad/late {number}", b"lost words " * 20000 + bad + b" more")
    write(f"{root}/good/last character", b"kept \xf4\x8f\xbf\xbf \xee\x80\x80 \xed\x9f\xbf")
    os.mkfifo(f"{root}/pipe")
    os.symlink(root, f"{root}/deep/loop")
    os.symlink(f"{root}/large", f"{root}/link to a file")
    os.symlink("/nowhere/at/all", f"{root}/dangling")
    write(f"{root}/{'n' * 200}/{'m' * 200}\n/new\nline -\xe4".encode("latin-1"), b"odd name")
    write(f"{root}/unreadable", b"secret")
    os.mkdir(f"{root}/closed")
    if os.geteuid() != 0:
        os.chmod(f"{root}/unreadable", 0)
        os.chmod(f"{root}/closed", 0)


def counts(program, root):
    os.mkdir(f"{root}/nothing")
    compare(program, f"{root}/nothing")
    expect("quiet", run(program, "--quiet", f"{root}/nothing")[2], "")
    nasty(f"{root}/tree", random.Random(7))
    errors = compare(program, f"{root}/tree", 200)
    if "failure in handler: not UTF-8 at byte 11 (84)" not in errors:
        sys.exit(f"no reason of a refused file in\n{errors}")
    compare(program, f"{root}/tree/", 0)
    os.symlink(f"{root}/tree/deep", f"{root}/link")
    compare(program, f"{root}/link")
    expect("quiet", run(program, "--quiet", f"{root}/tree")[2], "")
    for wrong in (["--top"], ["--top", "x"], ["--huh"], ["a", "b"]):
        expect(wrong, subprocess.run([program, *wrong], capture_output=True).returncode, 2)
    for missing in (f"{root}/missing", f"{root}/tree/large"):
        expect(missing, subprocess.run([program, missing], capture_output=True).returncode, 1)


def many_files(program, root):
    chance = random.Random(11)
    for number in range(50000):
        bad = b"\xff" if number % 1000 == 0 else b""
        words = b" ".join(b"w%d" % chance.randrange(3000) for _ in range(chance.randrange(30)))
        write(f"{root}/{number % 97}/{number % 13}/{number}", words + bad)
    compare(program, root)


def real_trees(program, root):
    """What the machine has, and the project itself without what is being built in it."""
    ignored = shutil.ignore_patterns("build*", ".git", "__pycache__")
    shutil.copytree(sys.argv[3], f"{root}/project", ignore=ignored, symlinks=True)
    for tree in ("/usr/include", "/usr/share/doc", f"{root}/project"):
        if os.path.isdir(tree):
            compare(program, tree)
            print(f"{tree}: equal")


def main():
    tests = {"counts": counts, "many_files": many_files, "real_trees": real_trees}
    with tempfile.TemporaryDirectory() as root:
        tests[sys.argv[2]](os.path.abspath(sys.argv[1]), os.path.realpath(root))
        for closed in (f"{root}/tree/closed",):
            if os.path.exists(closed):
                os.chmod(closed, 0o700)
    print(f"{sys.argv[2]}: equal")


if __name__ == "__main__":
    main()

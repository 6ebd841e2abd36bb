#!/usr/bin/env python3
"""What it costs to compile the C++ layer, at -O0, in processor time: the best of several runs.

usage: compile_cost.py [--quick]. Prints a line per compiler and fails when the umbrella header with one actor
takes more than 3 times as long as <string>, <map> and <optional> alone, or 50 handlers more than twice as
long as one.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
ALONE = "#include <map>\n#include <optional>\n#include <string>\nint main() {}\n"


def actor(handlers):
    messages = [f"M{i}" for i in range(handlers)]
    lines = ["#include <spawned.hpp>"]
    lines += [f"struct {m} {{ using Reply = int; int value; }};" for m in messages]
    lines += [f"class A : public spawned::Actor<A, {', '.join(messages)}> {{", "public:"]
    lines += [f"    int handle({m} message, Context&) {{ return message.value; }}" for m in messages]
    lines += ["};", "int main() {", "    spawned::Runtime runtime;",
              "    return runtime.start<A>().request(M0{0}).unwrap();", "}", ""]
    return "\n".join(lines)


def seconds(compiler, source, runs):
    command = [compiler, "-std=c++20", "-O0", f"-I{ROOT}/include", f"-I{ROOT}/cpp", "-c", source, "-o", os.devnull]
    best = float("inf")
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return best


def main():
    runs, failed = 3 if "--quick" in sys.argv else 10, False
    sources = {"headers_alone": ALONE, "one_actor": actor(1), "50_handlers": actor(50)}
    with tempfile.TemporaryDirectory() as work:
        for name, text in sources.items():
            with open(f"{work}/{name}.cpp", "w", encoding="utf-8") as file:
                file.write(text)
        for compiler in filter(shutil.which, ["g++", "clang++"]):
            alone, one, fifty = (seconds(compiler, f"{work}/{name}.cpp", runs) for name in sources)
            print(f"compile {compiler}: headers alone {alone:.2f} s, one actor {one:.2f} s ({one / alone:.2f}, "
                  f"at most 3), 50 handlers {fifty:.2f} s ({fifty / one:.2f}, at most 2)")
            failed |= one > 3 * alone or fifty > 2 * one
    sys.exit(failed)


if __name__ == "__main__":
    main()

"""Breaks every rule of tidy.py once: a check that cannot fail is worth nothing."""

import os
import tempfile
import unittest

import tidy

# A tree without fault; every case below adds to it, or replaces a file.
CLEAN = {
    "include/spawned.h": "/* All. */\n#include <spawned/actor.h>\n",
    "include/spawned/actor.h": "/* Actors. */\n#include <stdint.h>\n",
    "src/base/list.hpp": "// A list; new and thread_local in prose are fine.\n#include <new>\n",
    "src/platform/thread.hpp": '// Threads.\n#include <uv.h>\n#include "base/list.hpp"\n',
    "src/platform/thread.cpp": '#include "platform/thread.hpp"\nuv_thread_t t;\n',
    "tests/src/platform/thread_test.cpp": '#include "platform/thread.hpp"\n#include <string>\n',
    "src/runtime/runtime.hpp": "// A runtime.\nstruct r { r(const r&) = delete; };\n",
    "src/runtime/runtime.cpp": '// A runtime.\n#include "runtime/runtime.hpp"\n'
    '#include "platform/thread.hpp"\nauto p = new (place) int; auto s = "new thread_local";\n',
    "c/actor.cpp": '#include <spawned/actor.h>\n#include "runtime/runtime.hpp"\n',
    "tests/c/actor_test.c": "/* Tests. */\n#include <spawned.h>\nvoid f(void) { spawned_sleep(); }\n",
    "run": "#!/bin/sh\n",
}

# name: (files, rule, path)
BROKEN = {
    "a lower layer sees a higher one": (
        {"src/base/list.hpp": '// A list.\n#include "runtime/runtime.hpp"\n'}, "layers", "src/base/list.hpp"),
    "layers beside each other": (
        {"src/timer/a.cpp": '// T.\n#include "sched/b.hpp"\n', "src/sched/b.hpp": "// S.\n"},
        "layers", "src/timer/a.cpp"),
    "an unknown layer": (
        {"src/util/a.cpp": '// U.\n#include "base/list.hpp"\n'}, "layers", "src/util/a.cpp"),
    "the engine sees the boundary": (
        {"src/runtime/runtime.hpp": '// R.\n#include "c/check.h"\n', "c/check.h": "/* C. */\n"},
        "layers", "src/runtime/runtime.hpp"),
    "the engine sees the umbrella": (
        {"src/runtime/runtime.hpp": "// R.\n#include <spawned.h>\n"}, "layers", "src/runtime/runtime.hpp"),
    "libuv above platform": (
        {"src/runtime/runtime.hpp": "// R.\n#include <uv.h>\n"}, "layers", "src/runtime/runtime.hpp"),
    "libuv in the contract": (
        {"include/spawned/actor.h": "/* A. */\n#include <uv.h>\n"}, "layers", "include/spawned/actor.h"),
    "the contract sees the engine": (
        {"include/spawned/actor.h": '/* A. */\n#include "base/list.hpp"\n'},
        "layers", "include/spawned/actor.h"),
    "the C++ layer sees the engine": (
        {"cpp/spawned.hpp": "// C++.\n#include <runtime/runtime.hpp>\n"}, "layers", "cpp/spawned.hpp"),
    "a binding sees the boundary": (
        {"bindings/lua/a.c": '/* L. */\n#include "../../c/check.h"\n', "c/check.h": "/* C. */\n"},
        "layers", "bindings/lua/a.c"),
    "a contract test sees the engine": (
        {"tests/c/actor_test.c": '/* T. */\n#include "base/list.hpp"\n'}, "layers", "tests/c/actor_test.c"),
    "an example sees the engine": (
        {"examples/a.c": '/* E. */\n#include "../src/base/list.hpp"\n'}, "layers", "examples/a.c"),
    "a header that needs libstdc++": (
        {"src/base/list.hpp": "// A list.\n#include <string>\n"}, "layers", "src/base/list.hpp"),
    "an include of nothing": (
        {"src/base/list.hpp": '// A list.\n#include "base/gone.hpp"\n'}, "layers", "src/base/list.hpp"),
    "a libuv type above platform": (
        {"src/runtime/runtime.hpp": "// R.\nuv_loop_t* loop;\n"}, "uv", "src/runtime/runtime.hpp"),
    "waiting on an atomic": (
        {"src/base/list.hpp": "// L.\nauto a = x.notify_one();\n"}, "atomic", "src/base/list.hpp"),
    "a free wait on an atomic": (
        {"src/base/list.hpp": "// L.\nauto a = atomic_wait(x);\n"}, "atomic", "src/base/list.hpp"),
    "thread_local": (
        {"src/base/list.hpp": "// L.\nthread_local int i;\n"}, "thread_local", "src/base/list.hpp"),
    "new": ({"src/base/list.hpp": "// L.\nauto p = new int;\n"}, "new", "src/base/list.hpp"),
    "nothrow new": (
        {"src/base/list.hpp": "// L.\nauto p = new (std::nothrow) int;\n"}, "new", "src/base/list.hpp"),
    "delete": ({"src/base/list.hpp": "// L.\nvoid f() { delete p; }\n"}, "new", "src/base/list.hpp"),
    "an exception": (
        {"src/base/list.hpp": "// L.\nvoid f() { throw 1; }\n"}, "exceptions", "src/base/list.hpp"),
    "printing": ({"c/actor.cpp": '// A.\nvoid f() { printf("x"); }\n'}, "stdout", "c/actor.cpp"),
    "printing to stdout": (
        {"src/base/list.hpp": '// L.\nvoid f() { fputs("x", stdout); }\n'}, "stdout", "src/base/list.hpp"),
    "a sleep in a test": (
        {"tests/c/actor_test.c": "/* T. */\nvoid f(void) { usleep(1); }\n"}, "sleep", "tests/c/actor_test.c"),
    "the wall clock in a test": (
        {"tests/src/a_test.cpp": "// T.\nauto t = std::chrono::steady_clock::now();\n"},
        "clock", "tests/src/a_test.cpp"),
    "something unfinished": (
        {"src/base/list.hpp": "// L.\n// TODO: more\n"}, "leftover", "src/base/list.hpp"),
    "a long source": ({"c/actor.cpp": "// A.\n" + "\n" * 500}, "size", "c/actor.cpp"),
    "a long public header": (
        {"include/spawned/actor.h": "/* A. */\n" + "\n" * 300}, "size", "include/spawned/actor.h"),
    "a long C++ header": ({"cpp/spawned.hpp": "// C++.\n" + "\n" * 300}, "size", "cpp/spawned.hpp"),
    "a long run": ({"run": "#!/bin/sh\n" + "\n" * 150}, "size", "run"),
    "a file that does not say what it is": (
        {"c/boundary.cpp": "#include <spawned/actor.h>\n"}, "opening", "c/boundary.cpp"),
    "a source that starts with another's header": (
        {"src/base/a.cpp": '#include "base/list.hpp"\n'}, "opening", "src/base/a.cpp"),
    "a header nobody includes": ({"src/base/lonely.hpp": "// L.\n"}, "dead", "src/base/lonely.hpp"),
    "a source nobody builds": ({"src/lonely.cpp": "// L.\n"}, "dead", "src/lonely.cpp"),
    "a test nobody builds": ({"tests/c/lonely.c": "/* L. */\n"}, "dead", "tests/c/lonely.c"),
    "a script nobody mentions": ({"tests/lonely.py": "pass\n"}, "dead", "tests/lonely.py"),
    "an empty file": ({"src/base/empty.cpp": "\n"}, "dead", "src/base/empty.cpp"),
}


def check(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **files}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return tidy.check(root)


class Tidy(unittest.TestCase):
    def test_clean_tree_has_no_problems(self):
        tree = check({})
        self.assertEqual(tree.problems, [])
        self.assertEqual(tree.warnings, [])

    def test_each_broken_rule_is_reported(self):
        for name, (files, rule, path) in BROKEN.items():
            with self.subTest(name):
                found = {(p, r) for p, _, r, _ in check(files).problems}
                self.assertIn((path, rule), found)

    def test_no_rule_is_left_without_a_case(self):
        rules = {rule for _, rule, _ in BROKEN.values()}
        self.assertLessEqual({rule for rule, _, _, _ in tidy.WORDS}, rules)

    def test_file_close_to_its_ceiling_is_a_warning_only(self):
        tree = check({"c/actor.cpp": "// A.\n" + "\n" * 470})
        self.assertEqual(tree.problems, [])
        self.assertEqual(len(tree.warnings), 1)

    def test_line_of_a_problem_is_its_own(self):
        (problem,) = check({"c/actor.cpp": "// A.\n/*\n*/\nvoid f() { throw 1; }\n"}).problems
        self.assertEqual(problem[:3], ("c/actor.cpp", 4, "exceptions"))


if __name__ == "__main__":
    unittest.main()

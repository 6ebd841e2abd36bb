"""Shows abi.py faults of each kind that it reads from text: a check that cannot fail is worth nothing."""

import os
import tempfile
import unittest
from pathlib import Path

import abi

HEADER = """/* Opening. */
/* Does it. Thread: any. Since 0.1. */
SPAWNED_API int spawned_do(int x);
SPAWNED_API int spawned_do_more(int x,
                                int y);

/* Does it wrongly. Thread: sometimes. */
SPAWNED_API int spawned_wrong(void);

SPAWNED_API int spawned_silent(void);
"""


class Abi(unittest.TestCase):
    def test_group_shares_its_comment_and_a_blank_line_ends_it(self):
        comments = dict(abi.declarations(HEADER))
        self.assertEqual(list(comments), ["spawned_do", "spawned_do_more", "spawned_wrong", "spawned_silent"])
        self.assertEqual(comments["spawned_do"], comments["spawned_do_more"])
        self.assertIsNone(comments["spawned_silent"])

    def test_comment_without_thread_rule_or_since_is_a_fault(self):
        faults = {name: list(abi.comment_faults(name, c)) for name, c in abi.declarations(HEADER)}
        self.assertEqual(faults["spawned_do"], [])
        self.assertEqual(len(faults["spawned_wrong"]), 2)
        self.assertEqual(len(faults["spawned_silent"]), 1)

    def test_map_is_read_node_by_node(self):
        text = "# a comment\nSPAWNED_0.1 {\nglobal:\n a;\n b;\nlocal:\n *;\n};\n" \
               "SPAWNED_0.2 {\nglobal:\n c;\n} SPAWNED_0.1;\n"
        self.assertEqual(abi.mapped_functions(text),
                         {"a": "SPAWNED_0.1", "b": "SPAWNED_0.1", "c": "SPAWNED_0.2"})

    def test_visible_names_are_structs_fields_and_constants(self):
        text = "struct spawned_a {\n int x; /* y; */\n void (*call)(int z);\n};\nenum {\n SPAWNED_B = 1\n};"
        self.assertEqual(abi.visible_names(text),
                         {"spawned_a", "spawned_a.x", "spawned_a.call", "SPAWNED_B"})

    def test_foreign_global_symbol_is_found(self):
        listing = "0 T spawned_send\n0 T spawned::engine::f()\n0 W void std::swap<int>()\n" \
                  "0 T helper\n0 D std::table\n0 W other::f()\n"
        self.assertEqual(list(abi.foreign_symbols(listing)),
                         ["helper (T)", "std::table (D)", "other::f() (W)"])

    def test_what_is_felt_by_the_whole_process_is_found(self):
        listing = " U uv_run\n U uv_default_loop\n U vsnprintf@GLIBC_2.2.5\n U setenv@GLIBC_2.2.5\n" \
                  " U stderr@GLIBC_2.2.5\n U pthread_sigmask@GLIBC_2.32\n U uv_queue_work\n"
        self.assertEqual(list(abi.process_wide(listing)),
                         ["uv_default_loop", "setenv", "stderr", "uv_queue_work"])

    def test_difference_is_reported_from_both_sides(self):
        self.assertEqual(len(abi.difference({"a", "b"}, {"b", "c"}, "left", "right")), 2)

    def test_field_that_is_not_pinned_is_a_fault(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(Path(root, "include"))
            os.makedirs(Path(root, "tests/abi"))
            Path(root, "include/a.h").write_text("struct spawned_a {\n int x;\n int y;\n};\n")
            Path(root, "tests/abi/layout.c").write_text("SIZE(spawned_a, 8), FIELD(spawned_a, x, 0),")
            self.assertEqual(len(abi.check_layout(root)), 1)


if __name__ == "__main__":
    unittest.main()

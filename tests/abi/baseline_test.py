"""Shows baseline.py an interface before and after a change: additions pass, whatever else fails."""

import shutil
import sys
import tempfile
import unittest

import baseline

BEFORE = """
typedef struct spawned_thing spawned_thing;
typedef uint32_t spawned_kind;
enum { SPAWNED_KIND_A = 0 };
typedef struct spawned_options {
    size_t size;
    uint32_t flags;
    spawned_kind kind;
    void (*call)(void *argument, int32_t code);
} spawned_options;
typedef struct spawned_pair {
    int32_t first;
    int32_t second;
} spawned_pair;
int32_t spawned_make(const spawned_options *options, spawned_thing **out_thing);
void spawned_take(const spawned_pair *pair,
                  void (*done)(void *argument), void *argument);
"""


class Baseline(unittest.TestCase):
    def changes(self, before, after, text=BEFORE):
        """What is said when before becomes after."""
        self.assertIn(before, text)
        with tempfile.TemporaryDirectory() as work:
            baseline.describe(baseline.build(text, None, work), f"{work}/before.abi")
            header = text.replace(before, after)
            return baseline.difference(f"{work}/before.abi", header, None, work)

    def assert_passes(self, before, after):
        self.assertEqual(self.changes(before, after), "")

    def assert_fails(self, before, after, word):
        self.assertIn(word, self.changes(before, after))

    def test_the_same_passes(self):
        self.assert_passes("spawned_make", "spawned_make")

    def test_new_function_type_and_constant_pass(self):
        self.assert_passes("int32_t spawned_make",
                           "typedef struct spawned_new { size_t size; } spawned_new;\n"
                           "enum { SPAWNED_KIND_B = 1 };\n"
                           "void spawned_use(spawned_new *one);\nint32_t spawned_make")

    def test_last_field_of_a_struct_with_a_size_passes(self):
        self.assert_passes("int32_t code);\n", "int32_t code);\n    uint64_t more;\n    uint64_t and_more;\n")

    def test_last_field_of_a_frozen_struct_fails(self):
        self.assert_fails("int32_t second;\n", "int32_t second;\n    int32_t third;\n", "third")

    def test_field_in_the_middle_fails(self):
        self.assert_fails("uint32_t flags;", "uint32_t flags;\n    uint64_t more;", "more")

    def test_field_of_another_type_fails(self):
        self.assert_fails("uint32_t flags;", "uint64_t flags;", "flags")

    def test_field_of_another_type_fails_beside_a_last_field(self):
        self.assert_fails("uint32_t flags;\n    spawned_kind kind;\n    void (*call)(void *argument, int32_t code);",
                          "int64_t flags;\n    spawned_kind kind;\n    void (*call)(void *argument, int32_t code);\n"
                          "    uint64_t more;", "flags")

    def test_other_parameter_of_a_callback_in_a_struct_fails(self):
        self.assert_fails("int32_t code)", "int64_t code)", "call")

    def test_fields_that_change_places_fail(self):
        self.assert_fails("int32_t first;\n    int32_t second;", "int32_t second;\n    int32_t first;", "first")

    def test_removed_function_fails(self):
        self.assert_fails("int32_t spawned_make(", "int32_t spawned_made(", "spawned_make")

    def test_new_parameter_fails(self):
        self.assert_fails("void *argument);\n", "void *argument, int32_t more);\n", "spawned_take")

    def test_parameter_of_another_type_fails(self):
        self.assert_fails("const spawned_pair *pair", "const spawned_options *pair", "spawned_take")

    def test_other_parameter_of_a_callback_fails(self):
        self.assert_fails("(*done)(void *argument)", "(*done)(int64_t argument)", "spawned_take")

    def test_result_of_another_type_fails(self):
        self.assert_fails("int32_t spawned_make", "int64_t spawned_make", "spawned_make")

    def test_width_of_a_kind_fails(self):
        self.assert_fails("typedef uint32_t spawned_kind", "typedef uint8_t spawned_kind", "spawned_kind")


if __name__ == "__main__":
    if not shutil.which("abidw"):
        sys.exit(baseline.MISSING)
    unittest.main()

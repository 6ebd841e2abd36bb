"""Shows Doxygen the house's plain comments as documentation: its INPUT_FILTER for the public headers.

usage: doxygen_filter.py FILE. In a page, links into the tree become their texts. In a header, a comment
at the head of the file is the file's; one before a declaration belongs to it, and to those that follow
without a blank line; one behind code belongs to that; one that stands alone belongs to the file. Lines
keep their numbers, so that a warning points at the header.
"""

import re
import sys

COMMENT = re.compile(r"/\*(?!\*)(.*?)\*/", re.S)
# A field with a comment of its own before it, a comment, or a field that no comment follows.
FIELD = re.compile(r"/\*\*(?!<)(?:(?!\*/).)*\*/[^;]*;|/\*.*?\*/|([^\s/;][^/;]*;)(?![ \t]*/\*)", re.S)


def sections(text):
    """Lists as lists, and the words that every comment ends with as an own line each."""
    text = re.sub(r"^( \*) {3}([\w.:]+(?: \w+)*) {2,}", r"\1 - `\2` ", text, flags=re.M)
    text = re.sub(r"(?<![\w*`])(Errors(?:, with nothing taken)?|Thread):", r"<br>**\1:**", text)
    text = re.sub(r"\bSince (\d+\.\d+)", r"<br>**Since:** \1", text)
    return text.replace("@", "@@")


def shown(match, text, name):
    """What a comment becomes, by what is before and after it."""
    line_start = text.rfind("\n", 0, match.start()) + 1
    content = sections(match.group(1))
    if text[line_start:match.start()].strip():
        return f"/**< {content.strip()} */"
    if match.start() == 0 or re.match(r"[ \t]*\n[ \t]*\n", text[match.end():]):
        return f"/** @file {name} @brief {content.strip(' *')}*/" if match.start() == 0 else \
            f"/** @file {name} @details {content}*/"
    return f"/**{content}*/"


def with_groups(text):
    """Declarations that share a comment become a group, to each of whose members Doxygen gives it."""
    blocks = re.split(r"\n[ \t]*\n", text)
    gaps = ["\n\n"] * len(blocks)
    for i, block in enumerate(blocks):
        if re.match(r"/\*\*(?! @file)", block) and len(re.findall(r"^(?:SPAWNED_API|#define) ", block, re.M)) > 1:
            gaps[i - 1] = "\n/**@{*/\n" if gaps[i - 1] == "\n\n" else "\n/**@}*/ /**@{*/\n"
            gaps[i] = "\n/**@}*/\n"
    return "".join(block + gap for block, gap in zip(blocks, gaps)).rstrip("\n") + "\n"


def with_fields(text):
    """A field whose name says all gets an empty comment."""
    def body(match):
        return FIELD.sub(lambda one: one.group() + (" /**< &zwj; */" if one.group(1) else ""), match.group())

    text = re.sub(r"(?<=\{\n)(?:(?!^\}).)*(?=^\} ?(?:spawned_\w+)?;)", body, text, flags=re.S | re.M)
    # A struct declared before its definition has one comment, above both.
    return re.sub(r"(/\*\*(?:(?!\*/).)*\*/\n)(typedef struct (\w+) \3;\n)(?=struct \3 \{)", r"\2\1", text,
                  flags=re.S)


def main():
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".md"):
        sys.stdout.write(re.sub(r"\[([^]]*)\]\([^)#:]*\)", r"\1", text))
        return
    name = path[path.rindex("include/") + len("include/"):]
    text = COMMENT.sub(lambda match: shown(match, text, name), text)
    text = re.sub(r"\n\n(#define SPAWNED_\w+_INIT )", r"\n/** For C: the struct with its size and defaults. */\n\1", text)
    sys.stdout.write(with_fields(with_groups(text)))


if __name__ == "__main__":
    main()

"""How long a file and a function may be."""

import cpp

FILE_LINES_MAX = 500
SHELL_LINES_MAX = 120  # longer, it is a program, and wants a language with functions that can be tested
FUNCTION_LINES_MAX = 70  # of the whole, from the first line of its signature


def file_breaches(tree):
    for source in tree.sources.values():
        most = SHELL_LINES_MAX if source.is_shell else FILE_LINES_MAX
        if source.line_count > most:
            yield f"{source.path}: {source.line_count} lines; split it by noun (at most {most})"


def function_breaches(tree):
    for source in tree.cpp():
        if source.path.endswith("_test.cc"):
            continue
        try:
            functions = [body for body in source.bodies if body.kind == "function"]
        except cpp.CannotRead:
            yield f"{source.path}: its braces do not match, as far as this test can read them"
            continue
        for body in functions:
            count = body.last - body.first + 1
            if count > FUNCTION_LINES_MAX:
                yield f"{source.path}:{body.first}: {body.name} has {count} lines (at most {FUNCTION_LINES_MAX})"

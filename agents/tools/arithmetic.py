"""Works out an arithmetic expression exactly, in decimals, and nothing else. Pure."""

import ast
import operator
from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext

EXPRESSION_CHARACTERS_AT_MOST = 500
EXPONENT_AT_MOST = 1_000
DIGITS = 50
MAGNITUDE_AT_MOST = 1_000  # decimal exponent; beyond it a result is of no use to anybody

_BINARY: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "abs": abs,
    "max": max,
    "min": min,
    "round": lambda value, places=Decimal(0): round(value, int(places)) + Decimal(0),
    "sum": lambda *values: sum(values, Decimal(0)),
}


class NotArithmetic(ValueError):
    """An expression that cannot be worked out; the message says why."""


def work_out(expression: str) -> str:
    """`"0.1 + 0.2"` → `"0.3"`. Knows + - * / // % **, brackets, abs, max, min, round and sum."""
    if len(expression) > EXPRESSION_CHARACTERS_AT_MOST:
        raise NotArithmetic(f"The expression is longer than {EXPRESSION_CHARACTERS_AT_MOST} characters.")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        with localcontext(Context(prec=DIGITS, Emax=MAGNITUDE_AT_MOST, Emin=-MAGNITUDE_AT_MOST)):
            return _plain(_value(tree.body, expression.strip()))
    except DivisionByZero as error:
        raise NotArithmetic("The expression divides by zero.") from error
    except Overflow as error:
        raise NotArithmetic("The result is too large.") from error
    except (SyntaxError, ValueError, TypeError, InvalidOperation, RecursionError, MemoryError) as error:
        if isinstance(error, NotArithmetic):
            raise
        raise NotArithmetic("The expression is not arithmetic that can be worked out.") from error


def _value(node: ast.expr, source: str) -> Decimal:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            # As written: 0.1 means 0.1, not the nearest binary fraction.
            return +Decimal((ast.get_source_segment(source, node) or "").replace("_", ""))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, source)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner, source)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, source), _value(right, source))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, source), _value(right, source))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(argument, source) for argument in args))
    raise NotArithmetic(f"“{ast.unparse(node)}” is not arithmetic.")


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > EXPONENT_AT_MOST:
        raise NotArithmetic(f"An exponent may be {EXPONENT_AT_MOST} at most.")
    return base**exponent


def _plain(value: Decimal) -> str:
    if not value.is_finite():
        raise NotArithmetic("The result is not a number.")
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text

"""What a server may put where the schema of a field belongs: near a form's own words, and anything else JSON can say."""

from typing import Any

from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | st.text(max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
KINDS = st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null"])
CHOICES = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=3)
TITLED = st.lists(st.fixed_dictionaries({"const": st.sampled_from(["a", "b"])}, optional={"title": JSON}), max_size=3)


def _fields(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


WORDS = {"enum": CHOICES | JSON, "enumNames": CHOICES | JSON, "oneOf": TITLED | JSON, "anyOf": TITLED | JSON}
WILD = _fields(
    **WORDS,
    type=KINDS | JSON,
    items=_fields(**WORDS, type=KINDS | JSON) | JSON,
    default=CHOICES | JSON,
    title=JSON,
    format=JSON,
    maxLength=JSON,
)
"""Most of these have to be refused."""
SHAPES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "number", "integer", "boolean"])}),
    st.fixed_dictionaries({"enum": CHOICES}, optional={"type": st.just("string"), "enumNames": CHOICES}),
    st.fixed_dictionaries({"oneOf": TITLED}),
    st.fixed_dictionaries({"type": st.just("array"), "items": st.fixed_dictionaries({"enum": CHOICES})}),
)
MORE = _fields(
    default=st.sampled_from(["a", ["a"], ["zz"], {"a": 1}, 1, True]) | JSON,
    title=st.text(max_size=8),
    description=st.text(max_size=8),
    format=st.sampled_from(["date", "date-time", "email", "uri", "other"]),
    minimum=st.integers(),
    maximum=st.integers(),
    maxLength=st.integers(0, 500),
)
FIELDS = WILD | st.builds(lambda shape, more: more | shape, SHAPES, MORE)
"""Of these about a third can be asked."""

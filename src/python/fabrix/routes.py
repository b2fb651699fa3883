"""Predicates on what routes carry: docs/policy.md, "What routes carry"."""

from . import _core
from .policies import Field, Test, _prefix_set, _predicate, _target


class Attribute(Field):
    """An attribute of a route: compared as fields are, and as_path and communities as text.

        rib(route.as_path.matches("_64501_"), route.med <= 99)
    """

    def matches(self, pattern):
        """A pattern of docs/policy.md matches."""
        return Test(f"{self.name} =~ {_core.quoted(pattern)}")

    def within(self, prefixes):
        """The whole prefix lies in one of these: route.prefix.within(["10.0.0.0/8"])."""
        return Test(f"{self.name} in {_prefix_set(prefixes)}")


class _Attributes:
    """The attributes: prefix, prefix_len, as_path, as_path_len, origin_as, neighbor_as, community,
    large_community, ext_community, med, origin, rpki."""

    _NAMES = ("prefix prefix_len as_path as_path_len origin_as neighbor_as community "
              "large_community ext_community med origin rpki").split()

    def __init__(self):
        for name in self._NAMES:
            setattr(self, name, Attribute(name))


route = _Attributes()


def _tests(word, tests, values):
    for each in tests:
        if not isinstance(each, Test):
            raise TypeError(f"{word}() takes attribute=value and tests such as route.med < 100, "
                            f"not {each!r}")
    tests = list(tests)
    for name, value in values.items():
        attribute = Attribute(name)
        if name == "prefix":
            tests.append(attribute.within(value))
        elif name == "as_path":
            tests.append(attribute.matches(value))
        else:
            tests.append(attribute == value)
    return _predicate(f"{word}({', '.join(each._text for each in tests)})")


def rib(*tests, **values):
    """All tests hold on the route of the destination: rib(community="64500:666", rpki="valid").

    as_path= takes a pattern, prefix= prefixes; other comparisons are tests: rib(route.med <= 99).
    """
    return _tests("rib", tests, values)


def src_rib(*tests, **values):
    """The same on the route of the source."""
    return _tests("src_rib", tests, values)


def best_via(participant):
    """The best route for the destination comes from the participant; for outbound policies."""
    return _predicate(f"best_via({_target(participant)})")

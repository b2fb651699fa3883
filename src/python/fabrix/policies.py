"""Policies as values: Pyretic's words and operators.

    from fabrix import match, fwd

    A = (match(dstport=80) >> fwd("B")) + (match(dstport=[4321, 4322]) >> fwd("C"))

| operator      |                                                          |
|---------------|----------------------------------------------------------|
| ``p // q``    | q where p has no opinion or cannot be carried out        |
| ``p + q``     | both: where they overlap and differ, an error            |
| ``p >> q``    | q of what p makes                                        |
| ``a | b``     | predicates: either                                       |
| ``a & b``     | both                                                     |
| ``a - b``     | a and not b                                              |
| ``~a``        | not a                                                    |

Python binds ``~`` tightest, then ``//``, then ``+`` and ``-``, ``>>``, ``&`` and ``|``. So
``match(..) >> fwd("B") + match(..) >> fwd("C")`` is read as Pyretic reads it, as
``match(..) >> (fwd("B") + match(..)) >> fwd("C")``, which is hardly ever meant: that gives a
PrecedenceWarning. Write parentheses around each sequence; print(policy) shows how it was read.
"""

import warnings

from . import _core
from .errors import PrecedenceWarning

_Binding = _core.Binding


def _values(value):
    """A value or a collection of them as the language writes it."""
    if isinstance(value, bool):
        raise TypeError("a field has a number, an address, a name or a set of these, not a bool")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, range):
        if value.step != 1 or len(value) == 0:
            raise ValueError(f"{value!r} is no range of values: it is empty, or its step not 1")
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, (list, tuple, set, frozenset)):
        members = [_values(each) for each in value]
        if isinstance(value, (set, frozenset)):
            members.sort()
        return "{" + ", ".join(members) + "}"
    if isinstance(value, _Masked):
        return value.text
    return _core.word(str(value))


class _Masked:
    def __init__(self, text):
        self.text = text


def masked(bits, mask):
    """The values that agree with `bits` where `mask` has ones: match(tcp_flags=masked(2, 2))."""
    return _Masked(f"{_values(bits)}&{_values(mask)}")


class Test:
    """What match() tests, made by comparing a field: fields.dstport < 1024."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text

    def __bool__(self):
        raise TypeError(f"'{self._text}' is for match(): it is neither true nor false by itself")


class Field:
    """A field of a packet, for tests that match(field=value) has no form for.

        match(fields.dstport < 1024, fields.protocol != "udp")
    """

    __hash__ = None

    def __init__(self, name):
        self.name = name

    def _test(self, op, value):
        return Test(f"{self.name}{op}{_values(value)}")

    def __eq__(self, value):
        return self._test("=", value)

    def __ne__(self, value):
        return self._test("!=", value)

    def __lt__(self, value):
        return self._test("<", value)

    def __le__(self, value):
        return self._test("<=", value)

    def __gt__(self, value):
        return self._test(">", value)

    def __ge__(self, value):
        return self._test(">=", value)

    def __repr__(self):
        return self.name


class _Fields:
    """The fields: inport, srcmac, dstmac, ethtype, vlan_id, vlan_pcp, protocol, dscp, srcip, dstip,
    srcport, dstport, tcp_flags, icmp_type, icmp_code."""

    _NAMES = ("inport srcmac dstmac ethtype vlan_id vlan_pcp protocol dscp srcip dstip srcport "
              "dstport tcp_flags icmp_type icmp_code").split()

    def __init__(self):
        for name in self._NAMES:
            setattr(self, name, Field(name))


fields = _Fields()


def _warn(reading):
    warnings.warn(f"Python binds + tighter than >>, so that this is read as {reading}; "
                  "put each sequence in parentheses", PrecedenceWarning, stacklevel=3)


class Policy:
    """What becomes of packets. Made with match(), fwd(), modify() and their kin, and operators.

    str() gives its text in the language of docs/policy.md, with parentheses throughout.
    """

    def __init__(self, expression):
        self._expression = expression

    @staticmethod
    def from_text(text, exchange, participant, file="policy"):
        """The text of a policy file, checked: a MemberPolicy. Raises PolicyError."""
        from .members import MemberPolicy
        return MemberPolicy(exchange, participant, text, file)

    def check(self, exchange, participant):
        """As the outbound policy of a participant, checked: a MemberPolicy. Raises PolicyError."""
        from .members import MemberPolicy
        return MemberPolicy(exchange, participant, policy_text(outbound=self), "policy")

    def evaluate(self, packet, exchange, participant, **question):
        """What it does with a packet that `participant` sends: see MemberPolicy.evaluate()."""
        return self.check(exchange, participant).evaluate(packet, **question)

    def __str__(self):
        return self._expression.text

    def __repr__(self):
        return f"<{type(self).__name__} {self._expression.text}>"

    def _repr_html_(self):
        from .tables import escaped
        return f"<code>{escaped(str(self))}</code>"

    def __eq__(self, other):
        """Written alike. Whether two mean the same, compile() and equal rows tell."""
        return isinstance(other, Policy) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))

    def __bool__(self):
        raise TypeError("a policy is neither true nor false: use & | ~ instead of and, or, not")

    def _with(self, binding, other):
        if not isinstance(other, Policy):
            return NotImplemented
        return Policy(_core.Expression.join(self._expression, binding, other._expression))

    # A sum whose last part is a bare predicate, as in (p >> fwd("B")) + match(..) >> fwd("C").
    _ends_bare = False
    # A sum that an action begins and that goes on with more than that, as in
    # p >> fwd("B") + match(..) >> fwd("C"). By itself it is meant: mirror(..) + (p >> fwd("B")).
    _begins_with_action = False

    def __rshift__(self, other):
        if self._ends_bare and isinstance(other, Policy):
            _warn(f"({self}) >> {other}")
        elif isinstance(other, Policy) and other._begins_with_action:
            _warn(f"{self} >> ({other})")
        return self._with(_Binding.SEQUENCE, other)

    def __add__(self, other):
        result = self._with(_Binding.PARALLEL, other)
        if result is NotImplemented:
            return result
        result._ends_bare = isinstance(other, Predicate) and not isinstance(self, Predicate)
        result._begins_with_action = self._begins_with_action or (
            isinstance(self, Action) and not isinstance(other, Action))
        return result

    def __floordiv__(self, other):
        return self._with(_Binding.RANKED, other)

    def _not_a_predicate(self, other):
        raise TypeError("| & - ~ are for predicates; policies are joined with + or //, and >> "
                        "binds tighter than | and &: (match(..) | match(..)) >> fwd(..)")

    __or__ = __ror__ = __and__ = __rand__ = __sub__ = __rsub__ = _not_a_predicate

    def __invert__(self):
        self._not_a_predicate(None)


class Action(Policy):
    """fwd(), modify(), drop."""


class Predicate(Policy):
    """Keeps the packets for which it holds. Also joined with | & - and negated with ~."""

    def _join(self, binding, other):
        if not isinstance(other, Predicate):
            return self._not_a_predicate(other)
        return Predicate(_core.Expression.join(self._expression, binding, other._expression))

    def __or__(self, other):
        return self._join(_Binding.OR, other)

    def __and__(self, other):
        return self._join(_Binding.AND, other)

    def __sub__(self, other):
        return self._join(_Binding.MINUS, other)

    def __invert__(self):
        return Predicate(_core.Expression.negate(self._expression))


def _predicate(text):
    return Predicate(_core.Expression(text))


identity = passthrough = all_packets = _predicate("identity")
identity.__doc__ = "Every packet, decided to be as BGP says."
none = no_packets = _predicate("none")
none.__doc__ = "No packet."
drop = Action(_core.Expression("drop"))
drop.__doc__ = "Discard."


def match(*tests, **values):
    """The packets with these headers: match(dstport=80, srcip="10.0.0.0/8").

    A value is a number, an address or prefix (a string or of the ipaddress module), a name ("tcp"),
    a range (Python's: without its end; or "80-90", with it), or a list or set of these, any of
    which may be. Comparisons are given as tests: match(fields.dstport < 1024). match() is every
    packet.
    """
    for each in tests:
        if not isinstance(each, Test):
            raise TypeError("match() takes field=value and tests such as fields.dstport < 1024, "
                            f"not {each!r}")
    texts = [each._text for each in tests]
    texts += [f"{name}={_values(value)}" for name, value in values.items()]
    return _predicate(f"match({', '.join(texts)})")


def modify(**values):
    """Writes srcip, dstip, srcport, dstport or dscp: modify(dstip="140.0.0.7")."""
    if not values:
        raise TypeError("modify() takes at least one field=value")
    texts = [f"{name}={_values(value)}" for name, value in values.items()]
    return Action(_core.Expression(f"modify({', '.join(texts)})"))


mod = modify


class Target:
    """Where fwd() sends: a participant, or one of its ports.

        C = Target("C")
        fwd(C); fwd(C[0])
    """

    def __init__(self, name, _text=None):
        self.name = name
        self._text = _text or _core.target(name, None)

    def __getitem__(self, index):
        """Its port, from 0, as configured."""
        if not isinstance(index, int) or index < 0:
            raise TypeError("ports are counted from 0")
        return Target(self.name, _core.target(self.name, index))

    def __repr__(self):
        return self._text


def port(index):
    """One of the owner's own ports, from 0: for inbound policies."""
    return Target(f"port[{int(index)}]", f"port[{int(index)}]")


def _target(target):
    if isinstance(target, Target):
        return target._text
    if isinstance(target, str):
        return _core.target(target, None)
    name = getattr(target, "name", None)
    if isinstance(name, str):
        return _core.target(name, None)
    raise TypeError(f"expected the name of a participant or a port, not {target!r}")


def fwd(target):
    """Send to a participant ("B"), one of its ports ("C1", Target("C")[0], the name of a router),
    or for inbound policies one of one's own (port(0)).

    Outbound it does not apply while the target has no route for the packet.
    """
    return Action(_core.Expression(f"fwd({_target(target)})"))


xfwd = fwd


def if_(condition, then, otherwise=identity):
    """`then` where the predicate `condition` holds, `otherwise` elsewhere."""
    if not isinstance(condition, Predicate):
        raise TypeError("the condition of if_() is a predicate")
    return Policy(_core.Expression(f"if_({condition}, {then}, {otherwise})"))


def _chain(binding, policies, empty):
    members = list(policies[0]) if len(policies) == 1 and not isinstance(policies[0], Policy) \
        else list(policies)
    if not members:
        return empty
    for each in members:
        if not isinstance(each, Policy):
            raise TypeError(f"expected policies, not {each!r}")
    whole = members[0]._expression
    for each in members[1:]:
        whole = _core.Expression.join(whole, binding, each._expression)
    kind = Predicate if binding in (_Binding.OR, _Binding.AND) else Policy
    return kind(whole) if len(members) > 1 else members[0]


def parallel(*policies):
    """p + q + ... of a list or of arguments."""
    return _chain(_Binding.PARALLEL, policies, none)


def sequential(*policies):
    """p >> q >> ... of a list or of arguments."""
    return _chain(_Binding.SEQUENCE, policies, identity)


def over(*policies):
    """p // q // ... of a list or of arguments: the first that applies."""
    return _chain(_Binding.RANKED, policies, none)


def union(*predicates):
    """a | b | ... of a list or of arguments."""
    return _chain(_Binding.OR, predicates, none)


def intersection(*predicates):
    """a & b & ... of a list or of arguments."""
    return _chain(_Binding.AND, predicates, identity)


class PrefixSet:
    """Prefixes, or what a participant announces; joined with | & -."""

    def __init__(self, expression):
        self._expression = expression

    def _join(self, binding, other):
        return PrefixSet(
            _core.Expression.join(self._expression, binding, _prefix_set(other)._expression))

    def __or__(self, other):
        return self._join(_Binding.OR, other)

    def __and__(self, other):
        return self._join(_Binding.AND, other)

    def __sub__(self, other):
        return self._join(_Binding.MINUS, other)

    def __iter__(self):
        # set(prefixes) is how the course writes it.
        return iter([self])

    def __str__(self):
        return self._expression.text

    def __repr__(self):
        return f"<PrefixSet {self}>"


def _prefix_set(members):
    if isinstance(members, PrefixSet):
        return members
    if isinstance(members, str):
        members = [members]
    members = list(members)
    whole = [each for each in members if isinstance(each, PrefixSet)]
    listed = sorted(_values(each) for each in members if not isinstance(each, PrefixSet))
    if listed or not whole:
        whole.insert(0, PrefixSet(_core.Expression("[" + ", ".join(listed) + "]")))
    result = whole[0]
    for each in whole[1:]:
        result = result | each
    return result


def prefixes(participant):
    """The prefixes that a participant announces, at any time."""
    return PrefixSet(_core.Expression(f"prefixes({_target(participant)})"))


def bgp_get_announced_routes(sdx, participant):
    """As the course has it: prefixes(participant)."""
    return prefixes(participant)


def dst_in(members):
    """The destination address is in one of the prefixes: a list of them, or a PrefixSet."""
    return _predicate(f"dst_in({_prefix_set(members)})")


match_prefixes_set = dst_in


def src_in(members):
    """The source address is in one of the prefixes."""
    return _predicate(f"src_in({_prefix_set(members)})")


def announced_by(participant):
    """The destination is in a prefix that the participant announces."""
    return _predicate(f"announced_by({_target(participant)})")


def from_(participant):
    """The participant sent it: for inbound policies."""
    return _predicate(f"from({_target(participant)})")


def policy_text(outbound=None, inbound=None, final_policy=None):
    """The text of a policy file with these sections: outbound and inbound, or final_policy."""
    if final_policy is not None and (outbound is not None or inbound is not None):
        raise TypeError("final_policy stands for outbound and inbound together")
    sections = [None if each is None else each._expression
                for each in (outbound, inbound, final_policy)]
    return _core.policy_text(*sections)

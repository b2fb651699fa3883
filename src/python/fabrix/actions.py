"""What limits, copies and counts: docs/policy.md, "Limits and copies" and "Queries"."""

from . import _core
from .policies import Action, _target, _values

bgp = Action(_core.Expression("bgp"))
bgp.__doc__ = "Decided to be as BGP says."


def police(rate):
    """Discard what exceeds the rate: police("5mbps"), also kbps and gbps.

    Each police() that is written into a policy is a meter of its own. To share one, let it follow
    what it limits: parallel(p, q) >> police("10mbps").
    """
    return Action(_core.Expression(f"police({_values(rate)})"))


def mark(dscp):
    """Write the DSCP: mark(dscp=46)."""
    return Action(_core.Expression(f"mark(dscp={_values(dscp)})"))


def mirror(port):
    """A copy to one of one's own ports; the packet itself goes on."""
    return Action(_core.Expression(f"mirror({_target(port)})"))


def multicast(*targets):
    """A copy to each of up to 4 targets: multicast("B", "C")."""
    return Action(_core.Expression(f"multicast({', '.join(map(_target, targets))})"))


def via(*ports):
    """Through middlebox ports of one's own, one after the other, and then on: via(port(1)) >> fwd("B").

    A chain is a list: web = [port(1), port(2)], then via(*web).
    """
    return Action(_core.Expression(f"via({', '.join(map(_target, ports))})"))


def balance(*targets, key=None):
    """Each flow to one of up to 8 targets: balance("B", "C"); key="srcip" or "dstip" by address."""
    arguments = [_target(target) for target in targets]
    if key is not None:
        arguments.append(f"key={_values(key)}")
    return Action(_core.Expression(f"balance({', '.join(arguments)})"))


def _fields(fields, group_by):
    """Names of fields: arguments, or a list as Pyretic has it."""
    names = []
    for each in (*fields, group_by):
        names += each if isinstance(each, (list, tuple)) else [each]
    return [str(each) for each in names if each is not None]


def _query(word, arguments, name):
    text = f"{word}({', '.join(arguments)})"
    if name is not None:
        text += f" as {_values(name)}"
    return Action(_core.Expression(text))


def _seconds(interval):
    return _values(f"{interval}s" if isinstance(interval, int) else interval)


def count_packets(interval, *fields, group_by=None, name=None):
    """Count packets and octets, and decide nothing: count_packets("1s", "dstport", name="web").

    The interval is that of the rate ("1s" to "24h", or seconds); with fields there is a counter for
    each combination of their values. Pyretic's spelling is taken, too: count_packets(1, ["dstport"]).
    """
    return _query("count_packets", [_seconds(interval), *_fields(fields, group_by)], name)


def count_bytes(interval, *fields, group_by=None, name=None):
    """The same, which shows octets first."""
    return _query("count_bytes", [_seconds(interval), *_fields(fields, group_by)], name)


def packets(limit=None, *fields, group_by=None, name=None):
    """Count the first packets of each combination of the fields' values, or all packets.

        packets(1, "dstport", name="seen")
    """
    grouped = _fields(fields, group_by)
    if limit is None and grouped:
        raise TypeError("packets() needs to know how many of each combination: packets(1, ...)")
    return _query("packets", [] if limit is None else [_values(limit), *grouped], name)

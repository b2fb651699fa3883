"""The course's software-defined exchange, step by step.

    ./fabrix python examples/python/course.py
    ./fabrix python -i examples/python/course.py      and then go on by hand: print(sim.rules())

Three members: A buys nothing and steers its traffic, B and C announce prefixes, and C has two
routers. Nothing but this process is needed: the route server, the compiler and the proof are the
real ones, and the fabric is simulated.
"""

# %% The exchange: a1 of A, b1 of B, c1 and c2 of C.
from fabrix import Exchange, PolicyError, Simulation, drop, fwd, match

exchange = Exchange.build({"A": 100, "B": 200, "C": (300, 2)})
print(exchange)

# %% Members announce their prefixes. A has the route of B as its best: both paths have one AS.
sim = Simulation(exchange)
sim.announce("A", "100.0.0.0/24")
sim.announce("B", "140.0.0.0/24", "150.0.0.0/24", "160.0.0.0/24")
for router in ("c1", "c2"):
    sim.announce(router, "140.0.0.0/24", "150.0.0.0/24", "180.0.0.0/24")
print(sim.routes("A"))

# %% Without policies the exchange is a route server: traffic follows the best route.
sim.expect("b1", "A", "tcp 100.0.0.1:40000 -> 140.0.0.1:443")

# %% Application-specific peering: A sends the web to B, the secure web and 8080 to C.
outbound = (match(dstport=80) >> fwd("B")) + (match(dstport=[443, 8080]) >> fwd("C"))
print("A:", outbound)
sim.set_policy("A", outbound)
sim.expect("b1", "A", "tcp 100.0.0.1:40000 -> 140.0.0.1:80")
sim.expect("c1", "A", "tcp 100.0.0.1:40000 -> 140.0.0.1:443")

# %% A policy chooses among valid routes only: C has none to 160.0.0.0/24, B none to 180.0.0.0/24.
sim.expect("b1", "A", "tcp 100.0.0.1:40000 -> 160.0.0.1:443")
sim.expect("c1", "A", "tcp 100.0.0.1:40000 -> 180.0.0.1:80")

# %% So the prefixes that A hears of fall into classes, and each class has a tag.
print(sim.classes())

# %% Inbound traffic engineering: C says which of its routers receives what, and what it wants not.
sim.set_policy("C", inbound=(match(dstport=443) >> fwd("c1")) + (match(dstport=80) >> fwd("c2"))
               + (match(dstport=8080) >> drop))
sim.expect("c2", "A", "tcp 100.0.0.1:40000 -> 180.0.0.1:80")
sim.expect("c1", "A", "tcp 100.0.0.1:40000 -> 180.0.0.1:443")
sim.expect(None, "A", "tcp 100.0.0.1:40000 -> 180.0.0.1:8080")

# %% The way of a packet: its route, its tag, the clause that decides in each table, and the row.
print(sim.send("A", "tcp 100.0.0.1:40000 -> 140.0.0.1:443"))

# %% What the fabric was given for A's clauses. Every row is proved to be what the policies mean.
program = sim.rules()
print(program.rows_of("A"))
print(program.row_count, "rows in all")

# %% Routes come and go; rows stay, since they match tags and no prefixes.
before = sim.rules()
sim.withdraw("B", "140.0.0.0/24")
sim.expect("c2", "A", "tcp 100.0.0.1:40000 -> 140.0.0.1:80")
sim.announce("B", "140.0.0.0/24")
sim.expect("b1", "A", "tcp 100.0.0.1:40000 -> 140.0.0.1:80")
assert sim.rules() == before

# %% A policy that contradicts itself is refused, with a packet that shows it.
try:
    sim.set_policy("A", (match(dstport=80) >> fwd("B")) + (match(dstip="140.0.0.0/24") >> fwd("C")))
except PolicyError as error:
    print(error)

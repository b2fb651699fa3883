// Verifier: validate() again and again, for one exchange: it remembers the last Program found right
// and for what, and looks only at what has changed since. A table of a thousand members is checked
// in the time that one member's part of it takes.
//
//   verifier.check(subject)                     everything: a full audit
//   verifier.check(subject, {.prefixes = ...})  what differs from the last right one, and whatever
//                                               depends on the routes of these prefixes
//
// Policies, meanings of tags, shortfalls, ports, rows and virtual next hops are compared here, so
// that nobody can forget to say that they changed; only routes are too many for that. Besides the
// invariants of validate() a change is held against I10: it alters only packets of those, or to
// those, whose policies or ports changed.
//
// After a violation nothing is remembered: the next check is a full audit. So it is after forget(),
// which is due when the exchange itself has changed. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/ids.h"
#include "net/prefix.h"
#include "program/program.h"
#include "verify/validate.h"
#include "verify/world.h"

namespace fabrix::verify {

// What is to be right.
struct Subject {
  const World& world;
  program::ProgramPtr program;  // not null
  const NextHops& next_hops;
  const Terms& terms;
};

// What may have changed that cannot be seen by comparing.
struct Changes {
  std::span<const exchange::PlacedPrefix> prefixes;  // with other routes, or another next hop
  std::span<const net::ParticipantId> renumbered;    // told other next hops, whatever the routes
};

// What a check looked at, for people.
struct Coverage {
  std::size_t rows = 0;
  std::size_t senders = 0;    // whose outbound rows were compared with their clauses
  std::size_t receivers = 0;  // likewise inbound
  std::size_t told = 0;       // prefixes, or cases of many of them, whose next hops were judged
  bool full = false;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

class Verifier {
 public:
  Verifier();
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  Verifier(Verifier&&) noexcept;
  Verifier& operator=(Verifier&&) noexcept;

  // Empty: the Program is right, and is what the next one is compared with.
  std::vector<Violation> check(const Subject& subject);
  std::vector<Violation> check(const Subject& subject, const Changes& changes);
  void forget();

  // Of the last check.
  const Coverage& coverage() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::verify

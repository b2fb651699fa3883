// Aspa: a validated ASPA payload: "these are all the providers of this AS"
// (draft-ietf-sidrops-aspa-profile), and changes in a set of them.
//
// Invariant where an Aspa enters a table: see is_sound(). A provider AS 0, alone, says that the
// customer has no provider. Pure; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "net/asn.h"
#include "rpki/vrp_changes.h"

namespace fabrix::rpki {

// More than this is not taken from one source. There are about 80,000 networks (2026).
inline constexpr std::size_t kMaxAspas = 200'000;
inline constexpr std::size_t kMaxAspaProviders = 2'000'000;  // of all customers together

// Of one customer. As many as fit the 65,535 octets within which implementations keep the PDU.
inline constexpr std::size_t kMaxProvidersOfOne = 16'380;

struct Aspa {
  net::Asn customer;
  std::vector<net::Asn> providers;  // increasing

  friend bool operator==(const Aspa&, const Aspa&) = default;
};

// draft-ietf-sidrops-8210bis §5.12: at least one provider, each once and in increasing order; AS 0
// not among others.
bool is_sound(const Aspa& aspa);

// An announcement replaces what the customer has; a withdrawal has no providers.
struct AspaChange {
  ChangeKind kind = ChangeKind::kAnnounce;
  Aspa aspa;

  friend bool operator==(const AspaChange&, const AspaChange&) = default;
};

// `base`, by increasing customer and each customer once, after `changes` in their order; in the
// same order. Fails with the first withdrawal of the smallest customer that has nothing
// (RFC 8210 §12, error 6).
Result<std::vector<Aspa>, AspaChange> apply_changes(std::vector<Aspa> base,
                                                    std::vector<AspaChange> changes);

}  // namespace fabrix::rpki

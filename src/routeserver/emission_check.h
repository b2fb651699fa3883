// EmissionCheck: a second look at what is about to be sent to members.
//
// A route server that hands out malformed UPDATEs takes other people's sessions down. The decoder
// that judges members judges us here, with what the hearers negotiated, and where it would forgive
// (RFC 7606) this does not: what is read must be what was meant, to the last attribute.
//
// Debug builds look at everything, and stop the process at a violation: it is a mistake of ours.
// Others look at one announcement or withdrawal of kSampled (all UPDATEs of one attribute set, or
// all withdrawals, for one set of hearers), which costs less than a hundredth of the engine's time,
// count violations, and withhold what is malformed.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bgp/path_attributes.h"
#include "bgp/update_encoder.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::routeserver {

// What some UPDATEs are meant to say: prefixes of one family, in this order.
struct Meaning {
  std::span<const net::Prefix> prefixes;
  std::uint32_t path_id = 0;  // of each, where identifiers are written (RFC 7911 §3)
  // Null: the prefixes are withdrawn.
  bgp::AttributesPtr attributes;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
};

// Whether `messages`, whole and back to back, are flawless UPDATEs for a peer of these options and
// say just this.
bool says(std::span<const std::byte> messages, const Meaning& meaning,
          const bgp::EncodeOptions& options);

class EmissionCheck {
 public:
  enum class Vigilance : std::uint8_t {
    kSamples,     // one of kSampled; violations are counted
    kEverything,  // violations stop the process
  };
#ifdef NDEBUG
  static constexpr Vigilance kUsual = Vigilance::kSamples;
#else
  static constexpr Vigilance kUsual = Vigilance::kEverything;
#endif
  static constexpr std::uint32_t kSampled = 32;

  struct Counts {
    std::uint64_t checked = 0;
    std::uint64_t violations = 0;
    std::optional<net::Prefix> last;  // the first prefix of the last violation
  };

  explicit EmissionCheck(Vigilance vigilance = kUsual) : vigilance_(vigilance) {}

  // Whether the next emission is to be looked at.
  bool is_due() {
    return vigilance_ == Vigilance::kEverything || ++passed_ % kSampled == 0;
  }

  // False: it must not be sent.
  bool passes(std::span<const std::byte> messages, const Meaning& meaning,
              const bgp::EncodeOptions& options);

  const Counts& counts() const {
    return counts_;
  }

 private:
  Vigilance vigilance_;
  std::uint32_t passed_ = 0;
  Counts counts_;
};

}  // namespace fabrix::routeserver

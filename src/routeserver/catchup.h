// Catchup: what a client that is out of step has still to be told (publisher.h): the prefixes from
// `cursor` on, and those noted before it. Not thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bgp/family_set.h"
#include "net/ip_address.h"
#include "routeserver/prefix_table.h"

namespace fabrix::routeserver {

// A set of entries, one bit each.
class EntrySet {
 public:
  void insert(EntryId entry);
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  // Takes the next entry out, in no order that matters. Not when empty.
  EntryId take();

 private:
  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
  std::size_t at_ = 0;  // the word that was looked at last
};

// What is being done from the cursor on.
enum class CatchupTask : std::uint8_t {
  kInitial,  // the client knows nothing there: it is told what there is
  kResend,   // the same, but it knows some
  kCompare,  // it knows what is published: it is told what differs, which can only be next hops
};

struct Catchup {
  std::uint32_t cursor = 0;
  CatchupTask task = CatchupTask::kInitial;
  std::optional<net::Family> only;  // entries of one family, from the cursor on
  EntrySet noted;                   // told whatever it knows
  bgp::FamilySet end_of_rib;        // to be said when all is told (RFC 4724 §2)
  bgp::FamilySet refreshes_begin;   // to be said (RFC 7313 §4) first ...
  bgp::FamilySet refreshes_end;     // ... and when all is told
};

}  // namespace fabrix::routeserver

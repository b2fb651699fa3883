// SharedWords: what shares of groups of next hops (exchange/hop_shares.h) say of prefixes of one
// family whose best route is of one router, and that have a route of another: the cases with both
// (hearsay.h) are judged at once, as far as clients go who mind no other of their routes.
//
// One exists while there are such cases. Not thread-safe.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/strong_id.h"
#include "exchange/hop_shares.h"
#include "net/ids.h"
#include "net/ip_address.h"

namespace fabrix::verify {

struct SharedWord {
  struct Key {
    exchange::HopShares::Number share = 0;
    net::Family family = net::Family::kIpv4;
    net::RouterId best;
    net::RouterId router;
    friend bool operator==(const Key&, const Key&) = default;
  };
  Key key;
  std::size_t cases = 0;
  std::optional<std::uint64_t> version;  // of the share, when it was judged; none: it was not
  // Whom it is not known to be right of: each case is to be judged for them. Sorted.
  std::vector<net::ParticipantId> doubtful;

  void set_doubtful(net::ParticipantId client, bool is) {
    if (is || !doubtful.empty()) note_doubtful(client, is);
  }

 private:
  void note_doubtful(net::ParticipantId client, bool is);
};

class SharedWords {
 public:
  using Id = StrongId<struct SharedWordTag, std::uint32_t>;

  SharedWord& operator[](Id id) { return words_[id.index()]; }
  // One more case has it.
  Id enter(const SharedWord::Key& key);
  void leave(Id id);
  void clear();
  // Those that have a route of the router.
  std::span<const Id> of_router(net::RouterId router) const;

 private:
  struct Hash {
    std::size_t operator()(const SharedWord::Key& key) const noexcept;
  };

  std::vector<SharedWord> words_;  // by Id
  std::vector<Id> free_;
  std::vector<std::vector<Id>> by_router_;
  boost::unordered_flat_map<SharedWord::Key, Id, Hash> index_;
};

}  // namespace fabrix::verify

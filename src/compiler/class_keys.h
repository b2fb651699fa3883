// ClassKeys: what forwarding classes mean, each meaning written down once for all senders: whoever
// asks about one router alone has the same classes as others who do. A sender's class, and what it
// has bound to a virtual next hop, is then a number, and stays small.
//
// A key is there while somebody holds it. Bounded by its holders; not thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "base/ahead.h"
#include "base/strong_id.h"
#include "compiler/chunks.h"
#include "compiler/codebook.h"
#include "compiler/hash_index.h"
#include "net/ids.h"

namespace fabrix::compiler {

// What a forwarding class means, whatever its encoding: the best route's router and what is
// reachable.
struct ClassKey {
  net::RouterId best;
  Units units;

  friend auto operator<=>(const ClassKey&, const ClassKey&) = default;
};

using KeyId = StrongId<struct KeyTag, std::uint32_t>;
inline constexpr KeyId kNoKey{0xffffffff};

class ClassKeys {
 public:
  struct Entry {
    ClassKey key;
    // By which classes are brought into order, and their addresses are sought: the same on every
    // machine and in every run.
    std::uint64_t hash = 0;
    std::uint64_t place = 0;
    std::uint32_t holders = 0;
  };

  // The number of the key, which one more holds.
  KeyId enter(const ClassKey& key);
  void hold(KeyId id) { ++entries_[id.index()].holders; }
  void drop(KeyId id);

  const Entry& operator[](KeyId id) const { return entries_[id.index()]; }
  // A hint: it is looked at soon (base/ahead.h).
  void expect(KeyId id) const { send_for(entries_[id.index()]); }

  std::size_t size() const { return index_.size(); }

 private:
  Chunks<Entry> entries_;  // by KeyId
  std::vector<KeyId> free_;
  HashIndex index_;
};

}  // namespace fabrix::compiler

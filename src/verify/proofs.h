// Proofs: which rows have been found right for which policy, so that a state of an fsm that comes
// again with the rows that it had is not proven again.
//
// A proof is of one participant's rows of one table: these very rows, this very policy and this
// meaning of tags. What else it rests on, such as ports, is the owner's to watch: then it calls
// clear(). Keeps the most recently used, at most kMaxProofs of each participant, and keeps nothing
// alive. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <vector>

#include "net/ids.h"
#include "policy/policy.h"
#include "program/program.h"
#include "program/tag_meaning.h"

namespace fabrix::verify {

inline constexpr std::size_t kMaxProofs = 256;

class Proofs {
 public:
  struct Claim {
    std::shared_ptr<const policy::Policy> policy;
    program::Rows::Block rows;       // null: none
    program::TagMeaningPtr meaning;  // null: none
  };

  bool has(net::ParticipantId owner, const Claim& claim);
  void add(net::ParticipantId owner, const Claim& claim);
  void clear() { by_owner_.clear(); }

  std::size_t count(net::ParticipantId owner) const {
    return owner.index() < by_owner_.size() ? by_owner_[owner.index()].size() : 0;
  }

 private:
  template <typename T>
  struct Seen {  // which object, null or not
    explicit Seen(const std::shared_ptr<T>& seen) : is_null(seen == nullptr), object(seen) {}
    bool is(const std::shared_ptr<T>& other) const {
      return is_null ? other == nullptr : other != nullptr && object.lock() == other;
    }
    bool is_gone() const { return !is_null && object.expired(); }

    bool is_null;
    std::weak_ptr<T> object;
  };
  struct Proof {
    Seen<const policy::Policy> policy;
    Seen<const std::vector<program::Row>> rows;
    Seen<const program::TagMeaning> meaning;
  };
  using List = std::list<Proof>;  // the least recently used first

  static List::iterator find(List& proofs, const Claim& claim);

  std::vector<List> by_owner_;
};

}  // namespace fabrix::verify

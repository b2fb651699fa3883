// Restless: the senders that are to be settled though their classes may be the same: something else
// about them has changed, or classes of theirs found no virtual next hop and may find one now.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "compiler/sender.h"
#include "compiler/vnh_pool.h"
#include "net/ids.h"

namespace fabrix::compiler {

class Restless {
 public:
  using Clock = VnhPool::Clock;

  void add(net::ParticipantId sender) { changed_.insert(sender); }

  // It has been settled.
  void note(net::ParticipantId id, const Sender& sender) {
    short_.erase(id);
    if (!sender.is_short_of_next_hops()) return;
    short_.insert(id);
    room_at_ = std::min(room_at_, sender.room_at());
  }

  // They and `others`, sorted. Those that are short, as soon as one of them may find something.
  std::vector<net::ParticipantId> take(std::vector<net::ParticipantId> others,
                                       Clock::time_point now) {
    if (now >= room_at_) {
      changed_.insert(short_.begin(), short_.end());
      room_at_ = Clock::time_point::max();
    }
    if (changed_.empty()) return others;
    std::vector<net::ParticipantId> all;
    std::ranges::set_union(others, std::exchange(changed_, {}), std::back_inserter(all));
    return all;
  }

 private:
  std::set<net::ParticipantId> changed_;
  std::set<net::ParticipantId> short_;
  Clock::time_point room_at_ = Clock::time_point::max();  // no earlier do these find something
};

}  // namespace fabrix::compiler

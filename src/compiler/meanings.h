// Meanings: what each sender's tags say, as one value that is shared for as long as nobody's
// changes. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/ids.h"
#include "program/tag_meaning.h"

namespace fabrix::compiler {

class Meanings {
 public:
  void resize(std::size_t participants) {
    each_.resize(participants);
    all_.reset();
  }

  // Null: no outbound policy.
  void set(net::ParticipantId sender, const program::TagMeaningPtr& meaning) {
    program::TagMeaningPtr& own = each_[sender.index()];
    if (own == meaning) return;
    own = meaning;
    all_.reset();
  }

  // By participant. Not null.
  const std::shared_ptr<const std::vector<program::TagMeaningPtr>>& all() {
    if (!all_) all_ = std::make_shared<const std::vector<program::TagMeaningPtr>>(each_);
    return all_;
  }

 private:
  std::vector<program::TagMeaningPtr> each_;
  std::shared_ptr<const std::vector<program::TagMeaningPtr>> all_;  // null: to be made
};

}  // namespace fabrix::compiler

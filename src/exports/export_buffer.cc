#include "exports/export_buffer.h"

#include <iterator>
#include <utility>

#include "base/assert.h"

namespace fabrix::exports {

void ExportBuffer::push(exchange::Exported kind, std::string octets) {
  if (octets.size() > kLongest) {
    ++dropped_;
    return;
  }
  octets_ += octets.size();
  items_.push_back({.id = next_id_++, .kind = kind, .octets = std::move(octets)});
  make_room();
}

void ExportBuffer::make_room() {
  while (!items_.empty() && (waiting() > limits_.entries || octets_ > limits_.octets)) {
    octets_ -= items_.front().octets.size();
    items_.pop_front();
    ++dropped_;
  }
}

const std::vector<Item>& ExportBuffer::take(std::size_t count, Mixture mixture) {
  FABRIX_ASSERT(under_way_.empty());
  std::size_t octets = 0;
  while (!items_.empty() && under_way_.size() < count) {
    const Item& next = items_.front();
    const bool differs = !under_way_.empty() && next.kind != under_way_.front().kind;
    if (mixture == Mixture::kOneKind && differs) break;
    octets += next.octets.size();
    if (octets > kLargestBatch && !under_way_.empty()) break;
    under_way_.push_back(std::move(items_.front()));
    items_.pop_front();
  }
  return under_way_;
}

void ExportBuffer::done() {
  for (const Item& item : under_way_) octets_ -= item.octets.size();
  under_way_.clear();
}

void ExportBuffer::give_back() {
  items_.insert(items_.begin(), std::make_move_iterator(under_way_.begin()),
                std::make_move_iterator(under_way_.end()));
  under_way_.clear();
}

}  // namespace fabrix::exports

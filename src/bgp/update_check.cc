#include "bgp/update_check.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "bgp/message_splitter.h"

namespace fabrix::bgp {
namespace {

bool is_flawless(const UpdateMessage& update) {
  return update.treated_as_withdraw.empty() && update.discarded.empty() &&
         update.ignored_families.empty() && update.end_of_rib.empty();
}

// Adds `part` to `whole`; false if their attributes differ.
bool merge(const UpdateMessage& part, UpdateMessage& whole) {
  whole.withdrawn.insert(whole.withdrawn.end(), part.withdrawn.begin(), part.withdrawn.end());
  for (const Announcement& announcement : part.announced) {
    const bool continues = !whole.announced.empty() &&
                           whole.announced.back().family == announcement.family &&
                           whole.announced.back().next_hop == announcement.next_hop;
    if (!continues) {
      whole.announced.push_back(announcement);
      continue;
    }
    std::vector<net::Prefix>& prefixes = whole.announced.back().prefixes;
    prefixes.insert(prefixes.end(), announcement.prefixes.begin(), announcement.prefixes.end());
  }
  if (part.announced.empty()) return true;
  const bool same = !whole.attributes || *whole.attributes == *part.attributes;
  whole.attributes = part.attributes;
  return same;
}

std::optional<UpdateMessage> decode_all(std::span<const std::byte> messages,
                                        const EncodeOptions& options) {
  const UpdateOptions update_options{.asn_width = options.asn_width,
                                     .ipv4_over_ipv6_next_hop = options.ipv4_over_ipv6_next_hop};
  UpdateMessage whole;
  MessageSplitter splitter;
  splitter.set_max_size(options.max_message);
  while (!messages.empty()) {
    const auto message = splitter.next(messages);
    const bool is_update = message && *message && (*message)->type == MessageType::kUpdate;
    if (!is_update) return std::nullopt;
    const auto update = decode_update((*message)->body, update_options);
    const bool good = update && is_flawless(*update) && merge(*update, whole);
    if (!good) return std::nullopt;
  }
  return whole;
}

// What counts of `update`, in the order in which the encoder writes it.
UpdateMessage normalized(const UpdateMessage& update) {
  UpdateMessage result;
  merge(update, result);
  std::ranges::stable_sort(result.withdrawn, {}, &net::Prefix::family);
  return result;
}

}  // namespace

bool says_exactly(std::span<const std::byte> messages, const UpdateMessage& wanted,
                  const EncodeOptions& options) {
  FABRIX_ASSERT(!options.add_path);
  const auto said = decode_all(messages, options);
  return said && *said == normalized(wanted);
}

bool says_exactly(std::span<const std::byte> messages, const UpdateMessage& wanted,
                  AsnWidth asn_width) {
  return says_exactly(messages, wanted, EncodeOptions{.asn_width = asn_width});
}

}  // namespace fabrix::bgp

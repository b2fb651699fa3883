#include "rpki/origin_validation.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"

namespace fabrix::rpki {
namespace {

constexpr unsigned kIndexBits = 16;
constexpr std::size_t kIndexSize = std::size_t{1} << kIndexBits;

std::size_t index_of(const net::AddressBits& bits) {
  return bits.high >> (64U - kIndexBits);
}

std::size_t slot_of(net::Family family) {
  return family == net::Family::kIpv4 ? 0 : 1;
}

auto order(const net::AddressBits& bits, unsigned length) {
  return std::tuple(bits.high, bits.low, length);
}

}  // namespace

std::string_view to_string(OriginState state) {
  switch (state) {
    case OriginState::kValid:
      return "valid";
    case OriginState::kNotFound:
      return "not found";
    case OriginState::kInvalid:
      return "invalid";
  }
  FABRIX_ASSERT(false);
}

std::string_view to_string(InvalidReason reason) {
  return reason == InvalidReason::kLength ? "longer than the maximum length"
                                          : "origin AS not authorised";
}

VrpTable VrpTable::build(std::vector<Vrp> vrps) {
  FABRIX_ASSERT(vrps.size() < kNone && std::ranges::all_of(vrps, is_sound));
  if (!std::ranges::is_sorted(vrps)) std::ranges::sort(vrps);
  vrps.erase(std::unique(vrps.begin(), vrps.end()), vrps.end());

  VrpTable table;
  table.grants_.reserve(vrps.size());
  const net::Prefix* last = nullptr;
  for (const Vrp& vrp : vrps) {
    auto& blocks = table.families_.at(slot_of(vrp.prefix.family())).blocks;
    if (last == nullptr || *last != vrp.prefix) {
      blocks.push_back({.bits = net::AddressBits::of(vrp.prefix.address()),
                        .first_grant = static_cast<std::uint32_t>(table.grants_.size()),
                        .length = static_cast<std::uint8_t>(vrp.prefix.length())});
    }
    last = &vrp.prefix;
    ++blocks.back().grants;
    table.grants_.push_back({.asn = vrp.asn, .max_length = vrp.max_length});
  }
  for (FamilyBlocks& family : table.families_) link(family);
  return table;
}

// Fills in what surrounds what, and the index.
void VrpTable::link(FamilyBlocks& family) {
  auto& [blocks, starts_at] = family;
  blocks.shrink_to_fit();
  if (blocks.empty()) return;
  starts_at.reserve(kIndexSize);
  Link around = kNone;
  for (Link at = 0; at < blocks.size(); ++at) {
    Block& block = blocks[at];
    while (around != kNone && !blocks[around].covers(block.bits, block.length)) {
      around = blocks[around].around;
    }
    block.around = std::exchange(around, at);
    while (starts_at.size() <= index_of(block.bits)) starts_at.push_back(at);
  }
  starts_at.resize(kIndexSize, static_cast<Link>(blocks.size()));
}

const VrpTable::FamilyBlocks& VrpTable::blocks_of(net::Family family) const {
  return families_.at(slot_of(family));
}

// The last block that is `bits`/`length` itself or comes before it; if any block covers it, then
// this one or one around this one does.
VrpTable::Link VrpTable::last_not_after(const FamilyBlocks& family, const net::AddressBits& bits,
                                        unsigned length) {
  const std::vector<Block>& blocks = family.blocks;
  const std::vector<Link>& starts_at = family.starts_at;
  if (blocks.empty()) return kNone;
  const std::size_t index = index_of(bits);
  const auto at = [&blocks](std::size_t link) {
    return blocks.begin() + static_cast<std::ptrdiff_t>(link);
  };
  const auto first = at(starts_at[index]);
  const auto last = index + 1 < kIndexSize ? at(starts_at[index + 1]) : blocks.end();
  const auto after = std::upper_bound(
      first, last, order(bits, length),
      [](const auto& wanted, const Block& b) { return wanted < order(b.bits, b.length); });
  // Nothing before the first gives kNone.
  return static_cast<Link>(after - blocks.begin()) - 1;
}

// Calls visit(const Block&) for the blocks that cover `prefix`, the longest first, until it returns
// true.
template <typename Visit>
void VrpTable::for_each_covering(const net::Prefix& prefix, Visit&& visit) const {
  const FamilyBlocks& family = blocks_of(prefix.family());
  const net::AddressBits bits = net::AddressBits::of(prefix.address());
  Link link = last_not_after(family, bits, prefix.length());
  for (; link != kNone; link = family.blocks[link].around) {
    const Block& block = family.blocks[link];
    if (block.covers(bits, prefix.length()) && visit(block)) return;
  }
}

OriginState VrpTable::validate(const net::Prefix& prefix, std::optional<net::Asn> origin) const {
  const bool can_match = origin && *origin != kAsZero;
  OriginState state = OriginState::kNotFound;
  for_each_covering(prefix, [&](const Block& block) {
    state = OriginState::kInvalid;
    if (!can_match) return true;
    const auto* const first = grants_.data() + block.first_grant;
    const bool valid = std::any_of(first, first + block.grants, [&](const Grant& grant) {
      return grant.asn == *origin && prefix.length() <= grant.max_length;
    });
    if (valid) state = OriginState::kValid;
    return valid;
  });
  return state;
}

Explanation VrpTable::explain(const net::Prefix& prefix, std::optional<net::Asn> origin) const {
  Explanation result{.state = validate(prefix, origin), .reason = {}, .covering = {}};
  for_each_covering(prefix, [&](const Block& block) {
    append(block, prefix.family(), result.covering);
    return false;
  });
  if (result.state == OriginState::kInvalid) {
    const bool named =
        origin && *origin != kAsZero &&
        std::ranges::find(result.covering, *origin, &Vrp::asn) != result.covering.end();
    result.reason = named ? InvalidReason::kLength : InvalidReason::kOrigin;
  }
  return result;
}

std::vector<Vrp> VrpTable::vrps() const {
  std::vector<Vrp> result;
  result.reserve(size());
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    for (const Block& block : blocks_of(family).blocks) append(block, family, result);
  }
  return result;
}

void VrpTable::append(const Block& block, net::Family family, std::vector<Vrp>& vrps) const {
  // The length was a prefix's.
  const auto prefix = net::Prefix::containing(block.bits.to_address(family), block.length).value();
  for (std::uint32_t i = 0; i < block.grants; ++i) {
    const Grant& grant = grants_[block.first_grant + i];
    vrps.push_back({prefix, grant.max_length, grant.asn});
  }
}

std::size_t VrpTable::memory() const {
  std::size_t octets = sizeof(*this) + grants_.capacity() * sizeof(Grant);
  for (const FamilyBlocks& family : families_) {
    octets += family.blocks.capacity() * sizeof(Block) + family.starts_at.capacity() * sizeof(Link);
  }
  return octets;
}

}  // namespace fabrix::rpki

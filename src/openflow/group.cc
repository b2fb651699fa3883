#include "openflow/group.h"

#include <utility>

namespace fabrix::openflow {
namespace {

constexpr std::size_t kBucketFixedSize = 16;

void encode_buckets(const std::vector<Bucket>& buckets, WireWriter& out) {
  for (const Bucket& bucket : buckets) {
    const std::size_t start = out.size();
    out.u16(0);
    out.u16(bucket.weight);
    out.u32(bucket.watch_port.value);
    out.u32(bucket.watch_group);
    out.zeros(4);
    encode_actions(bucket.actions, out);
    out.patch_u16(start, out.size() - start);
  }
}

std::optional<std::vector<Bucket>> decode_buckets(ByteReader in) {
  std::vector<Bucket> buckets;
  while (!in.at_end()) {
    Bucket bucket;
    const std::size_t length = in.u16();
    bucket.weight = in.u16();
    bucket.watch_port = net::PortNo{in.u32()};
    bucket.watch_group = in.u32();
    skip(in, 4);
    if (!in.ok() || length < kBucketFixedSize) return std::nullopt;
    const ByteReader rest = in.sub_reader(length - kBucketFixedSize);
    if (!in.ok()) return std::nullopt;
    auto actions = decode_actions(rest);
    if (!actions) return std::nullopt;
    bucket.actions = std::move(*actions);
    buckets.push_back(std::move(bucket));
  }
  return buckets;
}

// Type, padding, id and buckets: what both forms end with.
void encode_rest(const Group& group, WireWriter& out) {
  out.u8(group.type);
  out.zeros(1);
  out.u32(group.id);
  encode_buckets(group.buckets, out);
}

std::optional<Group> decode_rest(ByteReader in) {
  Group group;
  group.type = in.u8();
  skip(in, 1);
  group.id = in.u32();
  if (!in.ok()) return std::nullopt;
  auto buckets = decode_buckets(in);
  if (!buckets) return std::nullopt;
  group.buckets = std::move(*buckets);
  return group;
}

}  // namespace

void encode_group_mod_body(const GroupMod& mod, WireWriter& out) {
  out.u16(static_cast<std::uint16_t>(mod.command));
  encode_rest(mod.group, out);
}

void encode_group_entry(const Group& group, WireWriter& out) {
  const std::size_t start = out.size();
  out.u16(0);
  encode_rest(group, out);
  out.patch_u16(start, out.size() - start);
}

std::size_t encoded_size(const GroupMod& mod) {
  WireWriter out;
  encode_group_mod_body(mod, out);
  return out.size();
}

std::optional<GroupMod> decode_group_mod_body(ByteReader in) {
  const std::uint16_t command = in.u16();
  if (!in.ok() || command > static_cast<std::uint16_t>(GroupCommand::kDelete)) return std::nullopt;
  auto group = decode_rest(in);
  if (!group) return std::nullopt;
  return GroupMod{.command = GroupCommand{command}, .group = std::move(*group)};
}

std::optional<Group> decode_group_entry(ByteReader& in) {
  constexpr std::size_t kLengthSize = 2;
  const std::size_t length = in.u16();
  if (!in.ok() || length < kLengthSize) return std::nullopt;
  const ByteReader rest = in.sub_reader(length - kLengthSize);
  if (!in.ok()) return std::nullopt;
  return decode_rest(rest);
}

}  // namespace fabrix::openflow

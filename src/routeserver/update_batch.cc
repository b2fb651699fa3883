#include "routeserver/update_batch.h"

#include <functional>
#include <utility>

#include "base/assert.h"
#include "bgp/update_check.h"

namespace fabrix::routeserver {
namespace {

std::size_t combine(std::size_t h, std::size_t value) {
  h = (h ^ value) * 0x9e3779b97f4a7c15U;
  return h ^ h >> 32U;
}

// Takes off what comes after the first `size` octets.
void cut(ByteWriter& out, std::size_t size) {
  if (out.size() == size) return;
  std::vector<std::byte> kept = out.take();
  kept.resize(size);
  out.bytes(kept);
}

}  // namespace

void UpdateBatch::announce(const Hearers& hearers, const Told& told, EntryId entry) {
  add({.kind = Kind::kAnnounce,
       .family = rib_->prefix(entry).family(),
       .dialect = hearers.dialect,
       .told = told,
       .path_id = path_id((*paths_)[told.path].peer)},
      *hearers.clients, entry);
}

void UpdateBatch::withdraw(const Hearers& hearers, EntryId entry, std::uint32_t path_id) {
  add({.kind = Kind::kWithdraw,
       .family = rib_->prefix(entry).family(),
       .dialect = hearers.dialect,
       .told = {},
       .path_id = path_id},
      *hearers.clients, entry);
}

void UpdateBatch::add(const Subject& subject, const ClientSet& clients, EntryId entry) {
  const auto fits = [&](const Bucket& bucket) {
    return bucket.subject == subject && bucket.clients == clients;
  };
  if (count_ > 0 && fits(buckets_[last_])) {
    log_.push_back(last_);
    buckets_[last_].entries.push_back(entry);
    return;
  }
  std::size_t h = combine(clients.hash(), subject.told.path.value);
  h = combine(h, std::size_t{subject.path_id} << 8U | static_cast<std::size_t>(subject.kind) << 4U |
                     static_cast<std::size_t>(subject.family));
  if (subject.told.next_hop) h = combine(h, std::hash<net::IpAddress>{}(*subject.told.next_hop));
  const auto [found, is_new] = index_.try_emplace(h, count_);
  // Where two buckets collide the later one is found, which costs packing and nothing else.
  if (!is_new && !fits(buckets_[found->second])) found->second = count_;
  last_ = found->second;
  if (last_ == count_) {
    if (buckets_.size() == count_) buckets_.emplace_back();
    Bucket& fresh = buckets_[count_++];
    fresh.subject = subject;
    fresh.clients = clients;
    fresh.entries.clear();
  }
  log_.push_back(last_);
  buckets_[last_].entries.push_back(entry);
}

void UpdateBatch::repeat(std::span<const std::size_t> places, EntryId entry) {
  for (const std::size_t place : places) buckets_[place].entries.push_back(entry);
}

std::vector<UpdateBatch::Piece> UpdateBatch::write() {
  std::vector<Piece> pieces;
  boost::unordered_flat_map<std::size_t, std::size_t> index;
  for (std::size_t i = 0; i < count_; ++i) {
    const Bucket& bucket = buckets_[i];
    const auto same = [&](const Piece& piece) {
      return piece.first->clients == bucket.clients &&
             piece.first->subject.dialect == bucket.subject.dialect;
    };
    const auto [found, is_new] = index.try_emplace(bucket.clients.hash(), pieces.size());
    if (is_new || !same(pieces[found->second])) {
      found->second = pieces.size();
      pieces.push_back({.first = &bucket, .withdrawals = {}, .announcements = {}, .entries = {}});
    }
    write(bucket, pieces[found->second]);
  }
  return pieces;
}

void UpdateBatch::write(const Bucket& bucket, Piece& piece) {
  if (bucket.subject.kind == Kind::kWithdraw) {
    write_withdrawal(bucket, piece.withdrawals);
  } else {
    write_announcement(bucket, piece);
  }
  piece.entries.insert(piece.entries.end(), bucket.entries.begin(), bucket.entries.end());
}

void UpdateBatch::flush(const Deliver& deliver) {
  for (Piece& piece : write()) {
    piece.withdrawals.bytes(piece.announcements.view());
    Chunk chunk{.bytes = piece.withdrawals.take(), .entries = std::move(piece.entries)};
    piece.announcements = {};
    chunk.bytes.shrink_to_fit();
    chunk.entries.shrink_to_fit();
    deliver(piece.first->clients, std::make_shared<const Chunk>(std::move(chunk)));
  }
  index_.clear();
  log_.clear();
  encoded_ = nullptr;
  count_ = 0;
  last_ = 0;
}

bgp::NlriList UpdateBatch::nlri_of(const Bucket& bucket) {
  prefixes_.clear();
  for (const EntryId entry : bucket.entries) prefixes_.push_back(rib_->prefix(entry));
  path_ids_.assign(bucket.entries.size(), bucket.subject.path_id);
  return {.prefixes = prefixes_, .path_ids = path_ids_};
}

void UpdateBatch::encode_attributes(const Subject& subject) {
  const bool same = encoded_ != nullptr && encoded_->told.path == subject.told.path &&
                    encoded_->told.treatment == subject.told.treatment &&
                    encoded_->dialect->asn_width == subject.dialect->asn_width;
  encoded_ = &subject;
  if (same) return;
  ByteWriter block;
  const Path& path = (*paths_)[subject.told.path];
  const bgp::AttributeEncodeOptions options{.asn_width = subject.dialect->asn_width};
  if (subject.told.treatment == Treatment{} && control_->is_plain(*path.told)) {
    bgp::encode_attributes(*path.told, options, block);
  } else {
    bgp::encode_attributes(control_->exported(*path.told, subject.told.treatment), options, block);
  }
  block_ = block.take();
}

void UpdateBatch::write_announcement(const Bucket& bucket, Piece& piece) {
  const Subject& subject = bucket.subject;
  encode_attributes(subject);
  ByteWriter& out = piece.announcements;
  const std::size_t begin = out.size();
  const auto packed = bgp::pack_announcement(
      block_, subject.told.next_hop.value_or((*paths_)[subject.told.path].told_next_hop),
      nlri_of(bucket), encode_options(*subject.dialect, subject.family), out);
  if (packed && is_sound(Kind::kAnnounce, bucket, out.view().subspan(begin))) return;
  // They must not keep an older route (RFC 7606 §2 in spirit): what cannot be said is taken back.
  cut(out, begin);
  write_withdrawal(bucket, piece.withdrawals);
}

void UpdateBatch::write_withdrawal(const Bucket& bucket, ByteWriter& out) {
  const std::size_t begin = out.size();
  bgp::encode_withdrawal(bucket.subject.family, nlri_of(bucket),
                         encode_options(*bucket.subject.dialect, bucket.subject.family), out);
  if (!is_sound(Kind::kWithdraw, bucket, out.view().subspan(begin))) cut(out, begin);
}

// Whether the octets say of the prefixes of the bucket, which are in prefixes_, what they are meant
// to; as far as that is looked at.
bool UpdateBatch::is_sound(Kind kind, const Bucket& bucket, std::span<const std::byte> octets) {
  if (!check_.is_due()) return true;
  const Subject& subject = bucket.subject;
  Meaning meaning{.prefixes = prefixes_, .path_id = subject.path_id};
  if (kind == Kind::kAnnounce) {
    const Path& path = (*paths_)[subject.told.path];
    meaning.attributes = std::make_shared<const bgp::PathAttributes>(
        control_->exported(*path.told, subject.told.treatment));
    meaning.next_hop = subject.told.next_hop.value_or(path.told_next_hop);
  }
  return check_.passes(octets, meaning, encode_options(*subject.dialect, subject.family));
}

}  // namespace fabrix::routeserver

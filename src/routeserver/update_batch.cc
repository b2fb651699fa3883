#include "routeserver/update_batch.h"

#include <algorithm>
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

}  // namespace

void UpdateBatch::announce(const Hearers& hearers, const Told& told, EntryId entry) {
  one_share_.resize(1);
  one_share_.front().next_hop = told.next_hop;
  one_share_.front().clients = *hearers.clients;
  announce(*hearers.dialect, told, one_share_, entry);
}

void UpdateBatch::announce(const Dialect& dialect, const Told& told, std::span<const Share> shares,
                           EntryId entry) {
  add({.kind = Kind::kAnnounce,
       .family = rib_->prefix(entry).family(),
       .path_id = path_id((*paths_)[told.path].peer),
       .audience = audience(dialect, shares),
       .path = told.path,
       .treatment = told.treatment},
      entry);
}

void UpdateBatch::withdraw(const Hearers& hearers, EntryId entry, std::uint32_t path_id) {
  one_share_.resize(1);
  one_share_.front().next_hop.reset();
  one_share_.front().clients = *hearers.clients;
  add({.kind = Kind::kWithdraw,
       .family = rib_->prefix(entry).family(),
       .path_id = path_id,
       .audience = audience(*hearers.dialect, one_share_)},
      entry);
}

// The place of the one that consists of these.
std::size_t UpdateBatch::audience(const Dialect& dialect, std::span<const Share> shares) {
  const auto is_it = [&](std::size_t place) {
    return audiences_[place].dialect == &dialect &&
           std::ranges::equal(audiences_[place].shares, shares);
  };
  if (audience_count_ > 0 && is_it(last_audience_)) return last_audience_;
  std::size_t h = shares.size();
  for (const Share& each : shares) {
    h = combine(h, each.clients.hash());
    if (each.next_hop) h = combine(h, std::hash<net::IpAddress>{}(*each.next_hop));
  }
  // As with buckets.
  const auto [found, is_new] = audience_index_.try_emplace(h, audience_count_);
  if (!is_new && !is_it(found->second)) found->second = audience_count_;
  last_audience_ = found->second;
  if (last_audience_ < audience_count_) return last_audience_;
  if (audiences_.size() == audience_count_) audiences_.emplace_back();
  Audience& fresh = audiences_[audience_count_++];
  fresh.dialect = &dialect;
  fresh.shares.assign(shares.begin(), shares.end());
  fresh.pieces.clear();
  return last_audience_;
}

void UpdateBatch::add(const Subject& subject, EntryId entry) {
  if (count_ == 0 || buckets_[last_].subject != subject) {
    std::size_t h = combine(subject.audience, subject.path.value);
    h = combine(h, std::size_t{subject.path_id} << 8U |
                       static_cast<std::size_t>(subject.kind) << 4U |
                       static_cast<std::size_t>(subject.family));
    const auto [found, is_new] = index_.try_emplace(h, count_);
    // Where two buckets collide the later one is found, which costs packing and nothing else.
    if (!is_new && buckets_[found->second].subject != subject) found->second = count_;
    last_ = found->second;
  }
  if (last_ == count_) {
    if (buckets_.size() == count_) buckets_.emplace_back();
    Bucket& fresh = buckets_[count_++];
    fresh.subject = subject;
    fresh.entries.clear();
  }
  log_.push_back(last_);
  buckets_[last_].entries.push_back(entry);
}

void UpdateBatch::repeat(std::span<const std::size_t> places, EntryId entry) {
  for (const std::size_t place : places) buckets_[place].entries.push_back(entry);
}

void UpdateBatch::write() {
  PieceIndex index;
  for (std::size_t i = 0; i < count_; ++i) {
    Audience& audience = audiences_[buckets_[i].subject.audience];
    for (std::size_t k = audience.pieces.size(); k < audience.shares.size(); ++k) {
      audience.pieces.push_back(piece_for(*audience.dialect, audience.shares[k].clients, index));
    }
    write(buckets_[i]);
  }
}

std::size_t UpdateBatch::piece_for(const Dialect& dialect, const ClientSet& clients,
                                   PieceIndex& index) {
  const auto [found, is_new] = index.try_emplace(clients.hash(), piece_count_);
  if (!is_new) {
    const Piece& piece = pieces_[found->second];
    if (piece.dialect == &dialect && *piece.clients == clients) return found->second;
  }
  found->second = piece_count_;
  if (pieces_.size() == piece_count_) pieces_.emplace_back();
  Piece& fresh = pieces_[piece_count_++];
  fresh.dialect = &dialect;
  fresh.clients = &clients;
  return found->second;
}

void UpdateBatch::write(const Bucket& bucket) {
  for (const std::size_t place : audiences_[bucket.subject.audience].pieces) {
    auto& entries = pieces_[place].entries;
    entries.insert(entries.end(), bucket.entries.begin(), bucket.entries.end());
  }
  if (bucket.subject.kind == Kind::kAnnounce) return write_announcements(bucket);
  write_withdrawal(bucket, pieces_[audiences_[bucket.subject.audience].pieces.front()]);
}

ChunkPtr UpdateBatch::chunk_of(const Piece& piece) {
  const auto withdrawals = piece.withdrawals.view();
  const auto announcements = piece.announcements.view();
  Chunk chunk{.bytes = {}, .entries = {piece.entries.begin(), piece.entries.end()}};
  chunk.bytes.reserve(withdrawals.size() + announcements.size());
  chunk.bytes.insert(chunk.bytes.end(), withdrawals.begin(), withdrawals.end());
  chunk.bytes.insert(chunk.bytes.end(), announcements.begin(), announcements.end());
  return std::make_shared<const Chunk>(std::move(chunk));
}

void UpdateBatch::flush(const Deliver& deliver) {
  write();
  for (const Piece& piece : std::span(pieces_).first(piece_count_)) {
    deliver(*piece.clients, chunk_of(piece));
  }
  clear_pieces();
  index_.clear();
  audience_index_.clear();
  log_.clear();
  encoded_ = nullptr;
  count_ = 0;
  last_ = 0;
  audience_count_ = 0;
  last_audience_ = 0;
}

// What they have allocated serves the next time, up to kKeptOctets.
void UpdateBatch::clear_pieces() {
  std::size_t kept = 0;
  for (Piece& piece : pieces_) {
    kept += piece.withdrawals.capacity() + piece.announcements.capacity() +
            piece.entries.capacity() * sizeof(EntryId);
    if (kept > kKeptOctets) {
      piece = {};
      continue;
    }
    piece.withdrawals.truncate(0);
    piece.announcements.truncate(0);
    piece.entries.clear();
  }
  piece_count_ = 0;
}

bgp::NlriList UpdateBatch::nlri_of(const Bucket& bucket) {
  prefixes_.clear();
  for (const EntryId entry : bucket.entries) prefixes_.push_back(rib_->prefix(entry));
  path_ids_.assign(bucket.entries.size(), bucket.subject.path_id);
  return {.prefixes = prefixes_, .path_ids = path_ids_};
}

void UpdateBatch::encode_attributes(const Subject& subject, const Dialect& dialect) {
  ByteWriter block;
  const Path& path = (*paths_)[subject.path];
  const bgp::AttributeEncodeOptions options{.asn_width = dialect.asn_width};
  if (subject.treatment == Treatment{} && path.plain) {
    bgp::encode_attributes(*path.told, options, block);
  } else {
    bgp::encode_attributes(control_->exported(*path.told, subject.treatment), options, block);
  }
  block_ = block.take();
}

const net::IpAddress& UpdateBatch::next_hop_of(const Subject& subject, const Share& share) const {
  return share.next_hop ? *share.next_hop : (*paths_)[subject.path].told_next_hop;
}

void UpdateBatch::write_announcements(const Bucket& bucket) {
  const Subject& subject = bucket.subject;
  const Audience& audience = audiences_[subject.audience];
  const bool encoded =
      encoded_ != nullptr && encoded_->subject.path == subject.path &&
      encoded_->subject.treatment == subject.treatment &&
      audiences_[encoded_->subject.audience].dialect->asn_width == audience.dialect->asn_width;
  if (!encoded) encode_attributes(subject, *audience.dialect);
  encoded_ = &bucket;
  const bgp::EncodeOptions options = encode_options(*audience.dialect, subject.family);
  const bgp::NlriList nlri = nlri_of(bucket);
  std::span<const std::byte> written;  // to one of them, with a next hop of this family
  net::Family family = subject.family;
  for (std::size_t i = 0; i < audience.shares.size(); ++i) {
    const Share& share = audience.shares[i];
    const net::IpAddress& next_hop = next_hop_of(subject, share);
    Piece& piece = pieces_[audience.pieces[i]];
    ByteWriter& out = piece.announcements;
    const std::size_t begin = out.size();
    bool said = true;
    if (!written.empty() && next_hop.family() == family) {
      bgp::copy_announcement(written, block_, next_hop, out);
    } else {
      said = bgp::pack_announcement(block_, next_hop, nlri, options, out).has_value();
    }
    const auto octets = out.view().subspan(begin);
    if (said && is_sound(subject, share, octets)) {
      written = octets;
      family = next_hop.family();
      continue;
    }
    // They must not keep an older route (RFC 7606 §2 in spirit): what cannot be said is taken back.
    out.truncate(begin);
    write_withdrawal(bucket, piece);
  }
}

void UpdateBatch::write_withdrawal(const Bucket& bucket, Piece& piece) {
  ByteWriter& out = piece.withdrawals;
  const std::size_t begin = out.size();
  const Audience& audience = audiences_[bucket.subject.audience];
  bgp::encode_withdrawal(bucket.subject.family, nlri_of(bucket),
                         encode_options(*audience.dialect, bucket.subject.family), out);
  Subject withdrawn = bucket.subject;
  withdrawn.kind = Kind::kWithdraw;
  if (!is_sound(withdrawn, audience.shares.front(), out.view().subspan(begin))) out.truncate(begin);
}

// Whether the octets say of the prefixes of the bucket, which are in prefixes_, what they are meant
// to; as far as that is looked at.
bool UpdateBatch::is_sound(const Subject& subject, const Share& share,
                           std::span<const std::byte> octets) {
  if (!check_.is_due()) return true;
  Meaning meaning{.prefixes = prefixes_, .path_id = subject.path_id};
  if (subject.kind == Kind::kAnnounce) {
    meaning.attributes = std::make_shared<const bgp::PathAttributes>(
        control_->exported(*(*paths_)[subject.path].told, subject.treatment));
    meaning.next_hop = next_hop_of(subject, share);
  }
  const Dialect& dialect = *audiences_[subject.audience].dialect;
  return check_.passes(octets, meaning, encode_options(dialect, subject.family));
}

}  // namespace fabrix::routeserver

#include "bgp/as_path_codec.h"

#include <algorithm>

#include "base/assert.h"
#include "base/byte_reader.h"

namespace fabrix::bgp {
namespace {

constexpr std::size_t kMaxSegmentSize = 255;
constexpr std::uint8_t kConfedSequence = 3;  // RFC 5065 §3
constexpr std::uint8_t kConfedSet = 4;

enum class Confederation : std::uint8_t { kMalformed, kLeftOut };

// None if the segment is empty, cut short or contains AS 0.
std::optional<std::vector<net::Asn>> decode_asns(ByteReader& in, AsnWidth width) {
  const std::size_t count = in.u8();
  ByteReader values = in.sub_reader(count * static_cast<std::size_t>(width));
  if (!in.ok() || count == 0) return std::nullopt;
  std::vector<net::Asn> asns;
  asns.reserve(count);
  while (!values.at_end()) {
    asns.push_back({width == AsnWidth::kFourOctets ? values.u32() : values.u16()});
    if (asns.back() == net::Asn{0}) return std::nullopt;
  }
  return asns;
}

std::optional<AsPath> decode_path(std::span<const std::byte> value, AsnWidth width,
                                  Confederation confederation) {
  AsPath path;
  std::size_t members = 0;
  ByteReader in(value);
  while (!in.at_end()) {
    const std::uint8_t kind = in.u8();
    const bool confed = kind == kConfedSequence || kind == kConfedSet;
    const bool known = kind == static_cast<std::uint8_t>(AsPathSegment::Kind::kSet) ||
                       kind == static_cast<std::uint8_t>(AsPathSegment::Kind::kSequence);
    if (!known && !(confed && confederation == Confederation::kLeftOut)) return std::nullopt;
    auto asns = decode_asns(in, width);
    if (!asns) return std::nullopt;
    members += asns->size();
    if (members > kMaxAsPathMembers) return std::nullopt;
    if (confed) continue;
    path.segments.push_back({AsPathSegment::Kind{kind}, *std::move(asns)});
  }
  return path;
}

void encode_asn(net::Asn asn, AsnWidth width, ByteWriter& out) {
  if (width == AsnWidth::kFourOctets) {
    out.u32(asn.value);
  } else {
    const net::Asn said = asn <= net::kMaxTwoOctetAsn ? asn : net::kAsTrans;
    out.u16(static_cast<std::uint16_t>(said.value));
  }
}

// Appends a segment; sequences in a row grow together as far as a segment can hold them.
void append(AsPath& path, AsPathSegment segment) {
  const bool joins = !path.segments.empty() &&
                     path.segments.back().kind == AsPathSegment::Kind::kSequence &&
                     segment.kind == AsPathSegment::Kind::kSequence &&
                     path.segments.back().asns.size() + segment.asns.size() <= kMaxSegmentSize;
  if (!joins) {
    path.segments.push_back(std::move(segment));
    return;
  }
  std::vector<net::Asn>& asns = path.segments.back().asns;
  asns.insert(asns.end(), segment.asns.begin(), segment.asns.end());
}

}  // namespace

std::optional<AsPath> decode_as_path(std::span<const std::byte> value, AsnWidth width) {
  return decode_path(value, width, Confederation::kMalformed);
}

std::optional<AsPath> decode_as4_path(std::span<const std::byte> value) {
  return decode_path(value, AsnWidth::kFourOctets, Confederation::kLeftOut);
}

void encode_as_path(const AsPath& path, AsnWidth width, ByteWriter& out) {
  for (const AsPathSegment& segment : path.segments) {
    FABRIX_ASSERT(!segment.asns.empty() && segment.asns.size() <= kMaxSegmentSize);
    out.u8(static_cast<std::uint8_t>(segment.kind));
    out.u8(static_cast<std::uint8_t>(segment.asns.size()));
    for (const net::Asn asn : segment.asns) encode_asn(asn, width, out);
  }
}

std::size_t encoded_as_path_size(const AsPath& path, AsnWidth width) {
  std::size_t size = 0;
  for (const AsPathSegment& segment : path.segments) {
    size += 2 + segment.asns.size() * static_cast<std::size_t>(width);
  }
  return size;
}

bool fits_two_octets(const AsPath& path) {
  return std::ranges::all_of(path.segments, [](const AsPathSegment& segment) {
    return std::ranges::all_of(segment.asns,
                               [](net::Asn asn) { return asn <= net::kMaxTwoOctetAsn; });
  });
}

AsPath merge_as4_path(const AsPath& path, const AsPath& as4_path) {
  const std::size_t length = path.length();
  const std::size_t as4_length = as4_path.length();
  if (length < as4_length) return path;  // somebody lost part of the path: it cannot be trusted
  std::size_t missing = length - as4_length;
  if (missing == 0) return as4_path;

  AsPath merged;
  for (const AsPathSegment& segment : path.segments) {
    if (missing == 0) break;
    AsPathSegment leading = segment;
    if (segment.kind == AsPathSegment::Kind::kSequence) {
      leading.asns.resize(std::min(missing, segment.asns.size()));
      missing -= leading.asns.size();
    } else {
      --missing;
    }
    append(merged, std::move(leading));
  }
  for (const AsPathSegment& segment : as4_path.segments) append(merged, segment);
  return merged;
}

}  // namespace fabrix::bgp

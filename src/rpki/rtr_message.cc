#include "rpki/rtr_message.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/byte_reader.h"

namespace fabrix::rpki {
namespace {

constexpr std::uint8_t kAnnounceFlag = 1;

// What an Error Report holds besides the header: two lengths.
constexpr std::size_t kErrorReportOverhead = kPduHeaderSize + 8;

constexpr PduFault kBadLength{RtrErrorCode::kCorruptData, "length does not fit the PDU type"};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

ChangeKind kind_of(std::uint8_t flags) {
  return (flags & kAnnounceFlag) != 0 ? ChangeKind::kAnnounce : ChangeKind::kWithdraw;
}

net::IpAddress read_address(net::Family family, ByteReader& in) {
  std::array<std::uint8_t, 16> octets{};
  const auto bytes = in.bytes(net::width_of(family) / 8);
  std::ranges::transform(bytes, octets.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  if (family == net::Family::kIpv6) return net::IpAddress::v6(octets);
  return net::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
}

Result<RtrMessage, PduFault> decode_prefix(const PduHeader& header, net::Family family,
                                           ByteReader in) {
  const std::uint8_t flags = in.u8();
  const std::uint8_t length = in.u8();
  const std::uint8_t max_length = in.u8();
  in.u8();
  const net::IpAddress address = read_address(family, in);
  const net::Asn asn{in.u32()};
  if (!in.ok() || !in.at_end()) return fail(kBadLength);
  const auto prefix = net::Prefix::containing(address, length);
  if (!prefix) {
    return fail(PduFault{RtrErrorCode::kCorruptData, "prefix longer than an address"});
  }
  const bool is_strict = RtrVersion{header.version} >= RtrVersion::kDraft8210bis;
  if (is_strict && prefix->address() != address) {
    return fail(PduFault{RtrErrorCode::kCorruptData, "bits set after the prefix length"});
  }
  const VrpChange change{.kind = kind_of(flags), .vrp = {*prefix, max_length, asn}};
  if (is_sound(change.vrp)) return change;
  return fail(PduFault{RtrErrorCode::kCorruptData, max_length < length
                                                       ? "maximum length below prefix length"
                                                       : "maximum length above address width"});
}

Result<RtrMessage, PduFault> decode_end_of_data(const PduHeader& header, ByteReader in) {
  EndOfData end{.session = header.field, .serial = in.u32()};
  if (RtrVersion{header.version} != RtrVersion::kRfc6810) {
    end.intervals = RtrIntervals{.refresh = in.u32(), .retry = in.u32(), .expire = in.u32()};
  }
  if (!in.ok() || !in.at_end()) return fail(kBadLength);
  return end;
}

Result<RtrMessage, PduFault> decode_router_key(const PduHeader& header, ByteReader in) {
  RouterKey key{.kind = kind_of(static_cast<std::uint8_t>(header.field >> 8U)),
                .subject_key_identifier = {},
                .asn = {},
                .subject_public_key = {}};
  std::ranges::copy(in.bytes(key.subject_key_identifier.size()),
                    key.subject_key_identifier.begin());
  key.asn = net::Asn{in.u32()};
  if (!in.ok()) return fail(kBadLength);
  const auto rest = in.bytes(in.remaining());
  key.subject_public_key.assign(rest.begin(), rest.end());
  return key;
}

// 8210bis §5.12.
Result<RtrMessage, PduFault> decode_aspa(const PduHeader& header, ByteReader in) {
  AspaChange change{.kind = kind_of(static_cast<std::uint8_t>(header.field >> 8U)),
                    .aspa = {.customer = net::Asn{in.u32()}, .providers = {}}};
  if (!in.ok() || in.remaining() % 4 != 0) return fail(kBadLength);
  change.aspa.providers.reserve(in.remaining() / 4);
  while (!in.at_end()) change.aspa.providers.push_back(net::Asn{in.u32()});
  const bool withdrawn = change.kind == ChangeKind::kWithdraw;
  if (withdrawn ? change.aspa.providers.empty() : is_sound(change.aspa)) return change;
  return fail(PduFault{RtrErrorCode::kAspaProviderList,
                       withdrawn ? "providers in a withdrawal"
                                 : "providers missing, out of order, or AS 0 among them"});
}

// A peer's text goes to logs and terminals.
std::string printable(std::span<const std::byte> text) {
  std::string result;
  result.reserve(text.size());
  for (const std::byte octet : text) {
    const char c = static_cast<char>(octet);
    result.push_back(c >= ' ' && c <= '~' ? c : '?');
  }
  return result;
}

Result<RtrMessage, PduFault> decode_error_report(const PduHeader& header, ByteReader in) {
  ErrorReport report{.code = RtrErrorCode{header.field}, .pdu = {}, .text = {}};
  const auto pdu = in.bytes(in.u32());
  report.pdu.assign(pdu.begin(), pdu.end());
  report.text = printable(in.bytes(in.u32()));
  if (!in.ok() || !in.at_end()) return fail(kBadLength);
  return report;
}

// A PDU of nothing but a header, perhaps with a serial number.
template <typename Message>
Result<RtrMessage, PduFault> whole(const Message& message, const ByteReader& in) {
  if (!in.ok() || !in.at_end()) return fail(kBadLength);
  return message;
}

Result<RtrMessage, PduFault> decode_message(const PduHeader& header, ByteReader in) {
  switch (PduType{header.type}) {
    case PduType::kSerialNotify:
      return whole(SerialNotify{.session = header.field, .serial = in.u32()}, in);
    case PduType::kSerialQuery:
      return whole(SerialQuery{.session = header.field, .serial = in.u32()}, in);
    case PduType::kResetQuery:
      return whole(ResetQuery{}, in);
    case PduType::kCacheResponse:
      return whole(CacheResponse{.session = header.field}, in);
    case PduType::kIpv4Prefix:
      return decode_prefix(header, net::Family::kIpv4, in);
    case PduType::kIpv6Prefix:
      return decode_prefix(header, net::Family::kIpv6, in);
    case PduType::kEndOfData:
      return decode_end_of_data(header, in);
    case PduType::kCacheReset:
      return whole(CacheReset{}, in);
    case PduType::kRouterKey:
      if (RtrVersion{header.version} == RtrVersion::kRfc6810) break;
      return decode_router_key(header, in);
    case PduType::kErrorReport:
      return decode_error_report(header, in);
    case PduType::kAspa:
      if (RtrVersion{header.version} < RtrVersion::kDraft8210bis) break;
      return decode_aspa(header, in);
  }
  return fail(PduFault{RtrErrorCode::kUnsupportedPduType, "PDU type not known"});
}

// The header, and the body as far as encoded by `write_body`.
template <typename WriteBody>
void put(RtrVersion version, PduType type, std::uint16_t field, WriteBody&& write_body,
         ByteWriter& out) {
  ByteWriter body;
  write_body(body);
  out.u8(static_cast<std::uint8_t>(version));
  out.u8(static_cast<std::uint8_t>(type));
  out.u16(field);
  out.u32(static_cast<std::uint32_t>(kPduHeaderSize + body.size()));
  out.bytes(body.view());
}

void write_prefix(const VrpChange& change, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>(change.kind));
  out.u8(static_cast<std::uint8_t>(change.vrp.prefix.length()));
  out.u8(change.vrp.max_length);
  out.u8(0);
  out.bytes(std::as_bytes(change.vrp.prefix.address().octets()));
  out.u32(change.vrp.asn.value);
}

void write_end_of_data(const EndOfData& end, RtrVersion version, ByteWriter& out) {
  out.u32(end.serial);
  if (version == RtrVersion::kRfc6810) return;
  const RtrIntervals intervals = end.intervals.value_or(RtrIntervals{});
  out.u32(intervals.refresh);
  out.u32(intervals.retry);
  out.u32(intervals.expire);
}

void write_error_report(const ErrorReport& report, ByteWriter& out) {
  constexpr std::size_t kRoom = kMaxPduSize - kErrorReportOverhead;
  const auto pdu = std::span(report.pdu).first(std::min(report.pdu.size(), kRoom));
  const auto text = std::string_view(report.text).substr(0, kRoom - pdu.size());
  out.u32(static_cast<std::uint32_t>(pdu.size()));
  out.bytes(pdu);
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.bytes(std::as_bytes(std::span(text)));
}

std::uint16_t flags_field(ChangeKind kind) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(kind) << 8U);
}

void no_body(ByteWriter& /*out*/) {}

}  // namespace

std::string describe(RtrErrorCode code) {
  static constexpr std::array<std::string_view, 12> kNames{"corrupt data",
                                                           "internal error",
                                                           "no data available",
                                                           "invalid request",
                                                           "unsupported version",
                                                           "unsupported PDU type",
                                                           "withdrawal of unknown record",
                                                           "duplicate announcement",
                                                           "unexpected version",
                                                           "ASPA provider list",
                                                           "transport failed",
                                                           "ordering"};
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= kNames.size()) return fmt::format("{}", number);
  return fmt::format("{} ({})", number, kNames.at(number));
}

RtrIntervals clamped(const RtrIntervals& intervals) {
  const std::uint32_t expire = std::clamp(intervals.expire, 600U, 172'800U);
  // A cache must set Expire above the other two (§6); one that does not would leave us without data
  // in between.
  return {.refresh = std::min(std::clamp(intervals.refresh, 1U, 86'400U), expire / 2),
          .retry = std::min(std::clamp(intervals.retry, 1U, 7'200U), expire / 2),
          .expire = expire};
}

PduHeader read_header(std::span<const std::byte, kPduHeaderSize> header) {
  ByteReader in(header);
  PduHeader result;
  result.version = in.u8();
  result.type = in.u8();
  result.field = in.u16();
  result.length = in.u32();
  return result;
}

std::size_t max_size(const PduHeader& header) {
  return PduType{header.type} == PduType::kAspa ? kMaxAspaPduSize : kMaxPduSize;
}

Result<RtrPdu, PduFault> decode_pdu(std::span<const std::byte> pdu) {
  if (pdu.size() < kPduHeaderSize) return fail(kBadLength);
  const PduHeader header = read_header(pdu.first<kPduHeaderSize>());
  if (header.version > static_cast<std::uint8_t>(kNewestVersion)) {
    return fail(PduFault{RtrErrorCode::kUnsupportedVersion, "version neither 0, 1 nor 2"});
  }
  if (header.length != pdu.size() || pdu.size() > max_size(header)) return fail(kBadLength);
  FABRIX_TRY(RtrMessage message, decode_message(header, ByteReader(pdu.subspan(kPduHeaderSize))));
  return RtrPdu{.version = RtrVersion{header.version}, .message = std::move(message)};
}

void encode_pdu(const RtrPdu& pdu, ByteWriter& out) {
  const RtrVersion version = pdu.version;
  const auto write = [&](PduType type, std::uint16_t field, auto&& write_body) {
    put(version, type, field, write_body, out);
  };
  const auto serial = [](std::uint32_t number) {
    return [number](ByteWriter& body) { body.u32(number); };
  };
  std::visit(
      Overloaded{
          [&](const SerialNotify& m) {
            write(PduType::kSerialNotify, m.session, serial(m.serial));
          },
          [&](const SerialQuery& m) { write(PduType::kSerialQuery, m.session, serial(m.serial)); },
          [&](const ResetQuery&) { write(PduType::kResetQuery, 0, no_body); },
          [&](const CacheResponse& m) { write(PduType::kCacheResponse, m.session, no_body); },
          [&](const VrpChange& m) {
            const bool v4 = m.vrp.prefix.family() == net::Family::kIpv4;
            write(v4 ? PduType::kIpv4Prefix : PduType::kIpv6Prefix, 0,
                  [&](ByteWriter& body) { write_prefix(m, body); });
          },
          [&](const EndOfData& m) {
            write(PduType::kEndOfData, m.session,
                  [&](ByteWriter& body) { write_end_of_data(m, version, body); });
          },
          [&](const CacheReset&) { write(PduType::kCacheReset, 0, no_body); },
          [&](const RouterKey& m) {
            FABRIX_ASSERT(version != RtrVersion::kRfc6810);
            write(PduType::kRouterKey, flags_field(m.kind), [&](ByteWriter& body) {
              body.bytes(m.subject_key_identifier);
              body.u32(m.asn.value);
              body.bytes(m.subject_public_key);
            });
          },
          [&](const ErrorReport& m) {
            write(PduType::kErrorReport, static_cast<std::uint16_t>(m.code),
                  [&](ByteWriter& body) { write_error_report(m, body); });
          },
          [&](const AspaChange& m) {
            FABRIX_ASSERT(version >= RtrVersion::kDraft8210bis);
            write(PduType::kAspa, flags_field(m.kind), [&](ByteWriter& body) {
              body.u32(m.aspa.customer.value);
              for (const net::Asn provider : m.aspa.providers) body.u32(provider.value);
            });
          }},
      pdu.message);
}

}  // namespace fabrix::rpki

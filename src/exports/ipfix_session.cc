#include "exports/ipfix_session.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/byte_writer.h"

namespace fabrix::exports {
namespace {

constexpr std::uint16_t kVersion = 10;
constexpr std::uint16_t kTemplateSet = 2;
constexpr std::uint16_t kFirstId = 256;  // §3.4.1: below are sets of other kinds
constexpr std::size_t kMaxForms = 65'280;
constexpr std::uint32_t kDomain = 1;
constexpr std::size_t kHeader = 16;
constexpr std::size_t kSetHeader = 4;

std::uint16_t id_of(std::size_t place) {
  return static_cast<std::uint16_t>(kFirstId + place);
}

}  // namespace

// One message under way: sets, each of which is closed when another one begins.
class IpfixSession::Message {
 public:
  bool has_room(std::uint16_t set, std::size_t octets) const {
    const std::size_t header = set == set_ ? 0 : kSetHeader;
    return kHeader + body_.size() + set_octets_.size() + header + kSetHeader + octets <=
           kLongestMessage;
  }

  void add(std::uint16_t set, std::span<const std::byte> octets) {
    if (set != set_) close_set();
    set_ = set;
    set_octets_.insert(set_octets_.end(), octets.begin(), octets.end());
    if (set != kTemplateSet) ++records_;
  }

  std::uint32_t records() const { return records_; }
  bool is_empty() const { return body_.empty() && set_octets_.empty(); }

  std::vector<std::byte> take(telemetry::Time now, std::uint32_t sequence) {
    close_set();
    ByteWriter out;
    out.u16(kVersion);
    out.u16(static_cast<std::uint16_t>(kHeader + body_.size()));
    out.u32(static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(now).count()));
    out.u32(sequence);
    out.u32(kDomain);
    out.bytes(body_);
    *this = Message();
    return out.take();
  }

 private:
  void close_set() {
    if (set_octets_.empty()) return;
    ByteWriter out;
    out.u16(set_);
    out.u16(static_cast<std::uint16_t>(kSetHeader + set_octets_.size()));
    out.bytes(set_octets_);
    const auto set = out.take();
    body_.insert(body_.end(), set.begin(), set.end());
    set_octets_.clear();
  }

  std::vector<std::byte> body_;        // sets that are closed
  std::uint16_t set_ = 0;              // that is open
  std::vector<std::byte> set_octets_;  // without its header
  std::uint32_t records_ = 0;
};

std::optional<std::size_t> IpfixSession::place_of(const IpfixTemplate& form) {
  const auto found = std::ranges::find(forms_, form, &Form::form);
  if (found != forms_.end()) return static_cast<std::size_t>(found - forms_.begin());
  if (forms_.size() == kMaxForms) return std::nullopt;
  forms_.push_back({.form = form});
  return forms_.size() - 1;
}

void IpfixSession::add(const IpfixTemplate& form, const telemetry::FlowRecord& record) {
  auto octets = form.data(record);
  const auto place = octets ? place_of(form) : std::nullopt;
  if (!place) {
    ++counters_.failed;
  } else if (waiting_.size() == kMaxWaiting) {
    ++counters_.dropped;
  } else {
    waiting_.push_back({.form = *place, .octets = *std::move(octets)});
  }
}

std::vector<std::vector<std::byte>> IpfixSession::take(telemetry::Time now) {
  std::vector<std::vector<std::byte>> messages;
  Message message;
  const auto end = [&] {
    const std::uint32_t records = message.records();
    messages.push_back(message.take(now, sequence_));
    sequence_ += records;
    counters_.records += records;
  };
  const auto add = [&](std::uint16_t set, std::span<const std::byte> octets) {
    if (!message.has_room(set, octets.size())) end();
    message.add(set, octets);
  };
  // What is of one template side by side.
  std::ranges::stable_sort(waiting_, {}, &Record::form);
  for (const Record& record : waiting_) {
    Form& form = forms_[record.form];
    if (form.told && now - *form.told < kTemplatesAgain) continue;
    form.told = now;
    add(kTemplateSet, form.form.record(id_of(record.form)));
  }
  for (const Record& record : waiting_) add(id_of(record.form), record.octets);
  if (!message.is_empty()) end();
  waiting_.clear();
  return messages;
}

}  // namespace fabrix::exports

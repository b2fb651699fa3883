#include "telemetry/metric_store.h"

#include <algorithm>
#include <cmath>

#include "sflow/field_text.h"
#include "sflow/record.h"
#include "telemetry/metric_names.h"
#include "telemetry/metric_rules.h"
#include "telemetry/sequence.h"

namespace fabrix::telemetry {
namespace {

using sflow::FieldType;

constexpr Time kSweepEvery = std::chrono::seconds(30);
constexpr std::size_t kMaxStreams = 8;

// A host has seen agents that are silent for a day.
constexpr Time kAgentLifetime = std::chrono::hours(24);

unsigned bits_of(FieldType type) {
  return type == FieldType::kU64 ? 64 : 32;
}

bool is_unknown(FieldType type, std::uint64_t number) {
  if (type == FieldType::kU8) return false;
  return number == (bits_of(type) == 64 ? UINT64_MAX : UINT32_MAX);
}

// A name, or the number where there is none.
std::string named(std::string_view name, std::uint64_t number) {
  return name.empty() ? std::to_string(number) : std::string(name);
}

std::string_view name_of(MetricKind kind, std::uint64_t number) {
  switch (kind) {
    case MetricKind::kIfType:
      return if_type_name(number);
    case MetricKind::kDirection:
      return if_direction_name(number);
    case MetricKind::kMachine:
      return machine_name(number);
    default:
      return os_name(number);
  }
}

std::string up_or_down(std::uint64_t status, unsigned bit) {
  return (status >> bit & 1U) != 0 ? "up" : "down";
}

// sflow_openflow.txt: as controllers write it, sixteen digits.
std::string text_of(const MetricRule& rule, const sflow::Field& field) {
  std::string text;
  if (rule.name == "of_dpid") {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto number = std::get<std::uint64_t>(field.value);
    for (int shift = 60; shift >= 0; shift -= 4) {
      text += kDigits[number >> static_cast<unsigned>(shift) & 15U];
    }
    return text;
  }
  sflow::append_text(field.schema->type, field.value, text);
  text.resize(std::min(text.size(), MetricStore::kLongestText));
  // Agents write what they like, JSON does not take it.
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

struct MetricStore::Reading {
  Source& source;
  sflow::SourceId id;
  Time now;
  MetricNumbers numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

void MetricStore::observe(std::function<void(const MetricUpdate&)> observer) {
  observer_ = std::move(observer);
}

const MetricMap* MetricStore::find(const DataSource& source) const {
  const auto found = sources_.find(source);
  return found != sources_.end() && !found->second.metrics.empty() ? &found->second.metrics
                                                                   : nullptr;
}

void MetricStore::receive(const sflow::Datagram& datagram, const net::IpAddress& from, Time now) {
  begin(datagram.header(), from, now);
  sflow::ItemCursor items = datagram.samples();
  while (const auto item = items.next()) {
    if (sflow::is_flow_sample(item->tag)) {
      if (const auto sample = sflow::read_flow_sample(*item)) flow(*sample);
    } else if (item->tag == sflow::kDropSample) {
      if (const auto sample = sflow::read_drop_sample(*item)) discard(*sample);
    } else if (sflow::is_counter_sample(item->tag)) {
      const auto sample = sflow::read_counter_sample(*item);
      if (sample) counters(datagram.header(), *sample, now);
    }
  }
  finish();
}

void MetricStore::counters(const sflow::DatagramHeader& header, const sflow::CounterSample& sample,
                           Time now) {
  health_.counters(sample);
  count(header, sample, now);
}

// Null if there are too many.
MetricStore::Source* MetricStore::source_of(const DataSource& id) {
  const auto found = sources_.find(id);
  if (found != sources_.end()) return &found->second;
  if (sources_.size() == kMaxSources) {
    ++left_out_;
    return nullptr;
  }
  return &sources_[id];
}

// Not a sample that came before, or is older. Counters begin again with the agent and the numbers.
bool MetricStore::is_news(Source& source, const sflow::DatagramHeader& header,
                          const sflow::CounterSample& sample) {
  const Stream now{.sequence = sample.sequence, .uptime_ms = header.uptime_ms};
  const auto found = source.streams.find(header.sub_agent);
  if (found == source.streams.end()) {
    if (source.streams.size() < kMaxStreams) source.streams.emplace(header.sub_agent, now);
    return true;
  }
  const Stream before = std::exchange(found->second, now);
  const std::uint32_t behind = before.sequence - now.sequence;
  constexpr std::uint32_t kHalf = 0x80000000;
  if (began_again(before.uptime_ms, now.uptime_ms) ||
      (behind >= SequenceTracker::kWindow && behind < kHalf)) {
    source.counters.clear();
  } else if (behind < SequenceTracker::kWindow) {
    found->second = before;
    return false;
  }
  return true;
}

void MetricStore::count(const sflow::DatagramHeader& header, const sflow::CounterSample& sample,
                        Time now) {
  const DataSource id{header.agent, sample.source};
  Source* const source = source_of(id);
  if (source == nullptr || !is_news(*source, header, sample)) return;
  Reading reading{.source = *source, .id = sample.source, .now = now, .numbers = {}, .texts = {}};
  sflow::ItemCursor records = sample.records();
  while (const auto record = records.next()) {
    if (record->tag == kHostAdapters) adapters_.learn(record->body, id, now);
    read(*record, reading);
  }
  derive_metrics(reading.numbers);
  for (auto& [name, text] : reading.texts) put(*source, name, std::move(text), now);
  for (const auto& [name, number] : reading.numbers) {
    put(*source, name, number, now);
    if (observer_) observer_({.source = id, .name = name, .value = number, .time = now});
  }
}

void MetricStore::put(Source& source, std::string_view name, MetricValue value, Time now) {
  const auto found = source.metrics.find(name);
  if (found != source.metrics.end()) {
    found->second = {.value = std::move(value), .updated = now};
  } else if (metrics_ == kMaxMetrics) {
    ++left_out_;
  } else {
    source.metrics.emplace(name, Metric{.value = std::move(value), .updated = now});
    ++metrics_;
  }
}

void MetricStore::note_rate(std::string_view name, std::uint64_t value, unsigned bits,
                            Reading& reading) {
  auto found = reading.source.counters.find(name);
  if (found == reading.source.counters.end()) {
    reading.source.counters.emplace(name, Counter{.value = value, .at = reading.now});
    return;
  }
  const Counter before = found->second;
  const std::chrono::duration<double> passed = reading.now - before.at;
  if (passed.count() <= 0) return;
  found->second = {.value = value, .at = reading.now};
  const std::uint64_t grown =
      bits == 64 ? value - before.value : static_cast<std::uint32_t>(value - before.value);
  const bool began_again = value < before.value && grown >> (bits - 1) != 0;
  if (!began_again) {
    reading.numbers.insert_or_assign(std::string(name),
                                     static_cast<double>(grown) / passed.count());
  }
}

void MetricStore::read(const sflow::Item& record, Reading& reading) {
  const std::span<const MetricRule> rules = metric_rules(record.tag, reading.id);
  if (rules.empty()) return;
  const sflow::RecordSchema& schema = *sflow::find_counter_schema(record.tag);
  sflow::FieldCursor cursor(schema, record.body);
  while (const auto field = cursor.next()) {
    const MetricRule& rule = rules[static_cast<std::size_t>(field->schema - schema.fields.data())];
    std::string name(rule.name);
    if (field->schema->name.find('%') != std::string_view::npos) {
      name += '_' + std::to_string(field->repetition);
    }
    if (rule.kind == MetricKind::kText) {
      reading.texts.insert_or_assign(name, text_of(rule, *field));
    } else if (const auto* real = std::get_if<float>(&field->value)) {
      if (*real >= 0 && std::isfinite(*real)) reading.numbers.insert_or_assign(name, *real);
    } else {
      note(rule.kind, name, *field, reading);
    }
  }
}

void MetricStore::note(MetricKind kind, const std::string& name, const sflow::Field& field,
                       Reading& reading) {
  const FieldType type = field.schema->type;
  const auto number = std::get<std::uint64_t>(field.value);
  if (is_unknown(type, number)) {
    reading.source.counters.erase(name);
  } else if (kind == MetricKind::kRate) {
    note_rate(name, number, bits_of(type), reading);
  } else if (kind == MetricKind::kGauge) {
    const double scale = type == FieldType::kHundredths ? 100 : 1;
    reading.numbers.insert_or_assign(name, static_cast<double>(number) / scale);
  } else if (kind == MetricKind::kStatus) {
    reading.texts.insert_or_assign("ifadminstatus", up_or_down(number, 0));
    reading.texts.insert_or_assign("ifoperstatus", up_or_down(number, 1));
  } else {
    reading.texts.insert_or_assign(name, named(name_of(kind, number), number));
  }
}

void MetricStore::tick(Time now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  for (auto source = sources_.begin(); source != sources_.end();) {
    Source& at = source->second;
    metrics_ -= std::erase_if(
        at.metrics, [&](const auto& metric) { return now - metric.second.updated >= kLifetime; });
    std::erase_if(at.counters,
                  [&](const auto& counter) { return now - counter.second.at >= kLifetime; });
    const bool is_empty = at.metrics.empty() && at.counters.empty();
    source = is_empty ? sources_.erase(source) : std::next(source);
  }
  adapters_.expire(now - kLifetime);
  health_.expire(now - kAgentLifetime);
}

}  // namespace fabrix::telemetry

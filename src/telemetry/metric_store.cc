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
  Fields unremembered;  // of this sample alone
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
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) return found->second;
  if (sources_.size() == kMaxSources) {
    ++left_out_;
    return nullptr;
  }
  return by_id_[id] = &sources_[id];
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
    for (auto& [tag, fields] : source.fields) {
      for (Field& field : fields) field.is_told = false;
    }
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
  Reading reading{
      .source = *source, .id = sample.source, .now = now, .numbers = {}, .unremembered = {}};
  constexpr std::size_t kOften = 64;
  reading.numbers.reserve(kOften);
  sflow::ItemCursor records = sample.records();
  while (const auto record = records.next()) {
    if (record->tag == kHostAdapters) adapters_.learn(record->body, id, now);
    read(*record, reading);
  }
  derive_metrics(reading.numbers);
  for (const MetricNumber& number : reading.numbers) {
    Metric*& metric = metric_of(number, *source);
    if (metric != nullptr) {
      *metric = {.value = number.value, .updated = now};
    } else {
      metric = put(*source, number.name, number.value, now);
    }
    if (observer_) {
      observer_({.source = id, .name = number.name, .value = number.value, .time = now});
    }
  }
}

// Where it is remembered; null: it is not known.
Metric*& MetricStore::metric_of(const MetricNumber& number, Source& source) {
  if (number.metric != nullptr) return *number.metric;
  const char* const name = number.name.data();
  auto found = std::ranges::find(source.derived, name, &std::pair<const char*, Metric*>::first);
  if (found == source.derived.end()) found = source.derived.insert(found, {name, nullptr});
  return found->second;
}

// Null if there are too many.
Metric* MetricStore::put(Source& source, std::string_view name, MetricValue value, Time now) {
  const auto found = source.metrics.find(name);
  if (found != source.metrics.end()) {
    found->second = {.value = std::move(value), .updated = now};
    return &found->second;
  }
  if (metrics_ == kMaxMetrics) {
    ++left_out_;
    return nullptr;
  }
  ++metrics_;
  return &source.metrics.emplace(name, Metric{.value = std::move(value), .updated = now})
              .first->second;
}

// The nth of the record: as it was the last time, if it is the same one.
MetricStore::Field& MetricStore::field_of(Fields& fields, std::size_t n, const sflow::Field& read,
                                          std::string_view name, Reading& reading) {
  const bool is_new = n >= fields.size();
  if (is_new && fields_ == kMaxMetrics) return reading.unremembered.emplace_back();
  if (is_new) {
    ++fields_;
    fields.emplace_back();
  }
  Field& field = fields[n];
  if (field.schema == read.schema && field.repetition == read.repetition) return field;
  field = {.schema = read.schema, .repetition = read.repetition, .name = std::string(name)};
  if (read.schema->name.find('%') != std::string_view::npos) {
    field.name += '_' + std::to_string(read.repetition);
  }
  return field;
}

void MetricStore::note_rate(Field& field, std::uint64_t number, Reading& reading) {
  const std::chrono::duration<double> passed = reading.now - field.at;
  if (field.is_told && passed.count() <= 0) return;
  const std::uint64_t before = std::exchange(field.number, number);
  field.at = reading.now;
  if (!std::exchange(field.is_told, true)) return;
  const unsigned bits = bits_of(field.schema->type);
  const std::uint64_t grown =
      bits == 64 ? number - before : static_cast<std::uint32_t>(number - before);
  const bool began_again = number < before && grown >> (bits - 1) != 0;
  if (began_again) return;
  reading.numbers.add({.name = field.name,
                       .value = static_cast<double>(grown) / passed.count(),
                       .metric = &field.metric});
}

void MetricStore::read(const sflow::Item& record, Reading& reading) {
  const std::span<const MetricRule> rules = metric_rules(record.tag, reading.id);
  if (rules.empty()) return;
  const sflow::RecordSchema& schema = *sflow::find_counter_schema(record.tag);
  Fields& fields = reading.source.fields[record.tag];
  sflow::FieldCursor cursor(schema, record.body);
  std::size_t n = 0;
  while (const auto read = cursor.next()) {
    const MetricRule& rule = rules[static_cast<std::size_t>(read->schema - schema.fields.data())];
    Field& field = field_of(fields, n++, *read, rule.name, reading);
    if (rule.kind == MetricKind::kText) {
      put(reading.source, field.name, text_of(rule, *read), reading.now);
    } else if (const auto* real = std::get_if<float>(&read->value)) {
      if (*real < 0 || !std::isfinite(*real)) continue;
      reading.numbers.add({.name = field.name, .value = *real, .metric = &field.metric});
    } else {
      note(rule.kind, field, std::get<std::uint64_t>(read->value), reading);
    }
  }
}

void MetricStore::note(MetricKind kind, Field& field, std::uint64_t number, Reading& reading) {
  const FieldType type = field.schema->type;
  if (is_unknown(type, number)) {
    field.is_told = false;
  } else if (kind == MetricKind::kRate) {
    note_rate(field, number, reading);
  } else if (kind == MetricKind::kGauge) {
    const double scale = type == FieldType::kHundredths ? 100 : 1;
    reading.numbers.add({.name = field.name,
                         .value = static_cast<double>(number) / scale,
                         .metric = &field.metric});
  } else {
    note_name(kind, field, number, reading);
  }
}

// What stands for a name seldom changes.
void MetricStore::note_name(MetricKind kind, Field& field, std::uint64_t number, Reading& reading) {
  const bool is_status = kind == MetricKind::kStatus;
  const bool is_same = field.is_told && field.number == number && field.metric != nullptr &&
                       (!is_status || field.other != nullptr);
  field.is_told = true;
  field.number = number;
  field.at = reading.now;
  if (is_same) {
    field.metric->updated = reading.now;
    if (is_status) field.other->updated = reading.now;
  } else if (is_status) {
    field.metric = put(reading.source, "ifadminstatus", up_or_down(number, 0), reading.now);
    field.other = put(reading.source, "ifoperstatus", up_or_down(number, 1), reading.now);
  } else {
    field.metric =
        put(reading.source, field.name, named(name_of(kind, number), number), reading.now);
  }
}

// Whether any field of the source is still known. Metrics may have gone: fields look for theirs.
bool MetricStore::forget_old(Source& source, Time now) {
  for (auto& [tag, fields] : source.fields) {
    for (Field& field : fields) {
      if (now - field.at >= kLifetime) field.is_told = false;
      field.metric = nullptr;
      field.other = nullptr;
    }
  }
  source.derived.clear();
  std::erase_if(source.fields, [&](const auto& each) {
    const bool is_old = std::ranges::none_of(each.second, &Field::is_told);
    if (is_old) fields_ -= each.second.size();
    return is_old;
  });
  return !source.fields.empty();
}

void MetricStore::tick(Time now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  for (auto source = sources_.begin(); source != sources_.end();) {
    Source& at = source->second;
    metrics_ -= std::erase_if(
        at.metrics, [&](const auto& metric) { return now - metric.second.updated >= kLifetime; });
    const bool has_fields = forget_old(at, now);
    const bool is_empty = at.metrics.empty() && !has_fields;
    if (is_empty) by_id_.erase(source->first);
    source = is_empty ? sources_.erase(source) : std::next(source);
  }
  adapters_.expire(now - kLifetime);
  health_.expire(now - kAgentLifetime);
}

}  // namespace fabrix::telemetry

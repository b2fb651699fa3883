#include "telemetry/flow_meter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace fabrix::telemetry {
namespace {

// HTTP, application, and memcache transactions (sflow_http.txt, sflow_application.txt,
// sflow_memcache.txt).
constexpr std::array kTransactions{sflow::Tag::of(0, 2200), sflow::Tag::of(0, 2201),
                                   sflow::Tag::of(0, 2202), sflow::Tag::of(0, 2206)};

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

bool is_transaction(const sflow::SampledPacket& packet) {
  return std::ranges::any_of(kTransactions,
                             [&](sflow::Tag tag) { return packet.record(tag) != nullptr; });
}

void add_up(const ActiveFlow& flow, ReportedFlow& reported) {
  reported.value += flow.value;
  reported.error += flow.error;
}

void keep_larger(const ActiveFlow& flow, const DataSource& source, ReportedFlow& reported) {
  const bool larger = flow.value - flow.error > reported.value - reported.error;
  if (reported.source && !larger) return;
  reported.value = flow.value;
  reported.error = flow.error;
  reported.source = source;
}

// By what they have at least, then by key. Takes the flows.
std::vector<ReportedFlow> largest(std::unordered_map<std::string, ReportedFlow>& by_key,
                                  std::size_t count) {
  std::vector<ReportedFlow> flows;
  flows.reserve(by_key.size());
  for (auto& [key, flow] : by_key) {
    flow.key = key;
    flows.push_back(std::move(flow));
  }
  std::ranges::sort(flows, [](const ReportedFlow& left, const ReportedFlow& right) {
    const double more = left.value - left.error - (right.value - right.error);
    return more != 0 ? more > 0 : left.key < right.key;
  });
  if (flows.size() > count) flows.resize(count);
  return flows;
}

Error in(std::string_view part, const Error& error) {
  return {fmt::format("{}: {}", part, error.message)};
}

}  // namespace

std::string data_source_name(const sflow::SourceId& id) {
  return id.type == 0 ? fmt::to_string(id.index) : fmt::format("{}.{}", id.type, id.index);
}

FlowMeter::FlowMeter(FlowDefinition definition, FlowFilter filter)
    : definition_(std::move(definition)), filter_(std::move(filter)) {}

Result<FlowMeter> FlowMeter::create(const FlowDefinition& definition) {
  auto filter = FlowFilter::parse(definition.filter);
  if (!filter) return fail(in("filter", filter.error()));
  FlowMeter meter(definition, *std::move(filter));
  auto keys = parse_keys(definition.keys);
  if (!keys) return fail(in("keys", keys.error()));
  meter.keys_ = *std::move(keys);
  if (definition.value == "frames") {
    meter.value_ = Value::kFrames;
  } else if (definition.value == "requests") {
    meter.value_ = Value::kRequests;
  } else if (definition.value != "bytes") {
    auto key = KeyExpression::parse(definition.value);
    if (!key) return fail(in("value", key.error()));
    meter.value_ = Value::kKey;
    meter.value_key_ = *std::move(key);
  }
  return meter;
}

void FlowMeter::add(sflow::Bytes datagram, Time now) {
  const auto opened = sflow::Datagram::open(datagram);
  if (!opened) return;
  const net::IpAddress& agent = opened->header().agent;
  const bool drops = definition_.of == FlowDefinition::Of::kDrops;
  sflow::ItemCursor items = opened->samples();
  while (const auto item = items.next()) {
    if (drops && item->tag == sflow::kDropSample) {
      const auto drop = sflow::read_drop_sample(*item);
      if (!drop) continue;
      const sflow::SampledPacket packet(drop->records());
      add(sample_of(agent, *drop, packet), now);
    } else if (!drops && sflow::is_flow_sample(item->tag)) {
      const auto flow = sflow::read_flow_sample(*item);
      if (!flow) continue;
      const sflow::SampledPacket packet(flow->records());
      add(sample_of(agent, *flow, packet), now);
    }
  }
}

void FlowMeter::add(const Sample& sample, Time now) {
  if (sample.sampling_rate == 0) {
    ++left_out_;
    return;
  }
  if (!filter_.matches(sample)) return;
  key_.clear();
  if (!append_key(sample, key_)) return;
  const auto value = value_of(sample);
  if (!value) return;
  const DataSource source{sample.agent, sample.source};
  FlowCache* const cache = cache_of(source);
  if (cache == nullptr) {
    ++left_out_;
    return;
  }
  const double total = cache->add(key_, *value, now);
  if (observer_) observer_({.source = source, .key = key_, .value = total, .time = now});
}

void FlowMeter::observe(std::function<void(const FlowUpdate&)> observer) {
  observer_ = std::move(observer);
}

// Null if there are too many.
FlowCache* FlowMeter::cache_of(const DataSource& source) {
  const auto found = sources_.find(source);
  if (found != sources_.end()) return &found->second;
  if (sources_.size() == kMaxSources) return nullptr;
  return &sources_.emplace(source, FlowCache(definition_.cache)).first->second;
}

bool FlowMeter::append_key(const Sample& sample, std::string& out) const {
  bool first = true;
  for (const KeyExpression& key : keys_) {
    if (!first) out += definition_.separator;
    first = false;
    if (!key.append(sample, out)) return false;
  }
  return true;
}

std::optional<double> FlowMeter::value_of(const Sample& sample) const {
  const double rate = sample.sampling_rate;
  switch (value_) {
    case Value::kBytes:
      return rate * sample.packet->frame_length();
    case Value::kFrames:
      return rate;
    case Value::kRequests:
      return is_transaction(*sample.packet) ? std::optional(rate) : std::nullopt;
    case Value::kKey:
      break;
  }
  return value_of_key(sample);
}

std::optional<double> FlowMeter::value_of_key(const Sample& sample) const {
  std::string text;
  return value_key_->append(sample, text) ? number_of(text) : std::nullopt;
}

std::vector<ReportedFlow> FlowMeter::active_flows(std::size_t count, Aggregation aggregation,
                                                  Time now) const {
  std::unordered_map<std::string, ReportedFlow> by_key;
  for (const auto& [source, cache] : sources_) {
    for (const ActiveFlow& flow : cache.top(cache.size(), now)) {
      ReportedFlow& reported = by_key[flow.key];
      ++reported.sources;
      if (aggregation == Aggregation::kSum) add_up(flow, reported);
      if (aggregation == Aggregation::kMaximum) keep_larger(flow, source, reported);
    }
  }
  return largest(by_key, count);
}

std::uint64_t FlowMeter::left_out() const {
  std::uint64_t total = left_out_;
  for (const auto& [source, cache] : sources_) total += cache.ignored();
  return total;
}

}  // namespace fabrix::telemetry

#include "telemetry/flow_meter.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "telemetry/text_hash.h"

namespace fabrix::telemetry {
namespace {

// What sources have of one flow.
struct Joined {
  std::string_view key;
  double value = 0;
  double error = 0;
  std::size_t sources = 0;
  const DataSource* source = nullptr;

  double least() const { return value - error; }

  void add_up(const ActiveFlow& flow) {
    value += flow.value;
    error += flow.error;
  }

  void keep_larger(const ActiveFlow& flow, const DataSource& from) {
    if (source != nullptr && flow.value - flow.error <= least()) return;
    value = flow.value;
    error = flow.error;
    source = &from;
  }
};

// Of many keys, each where it was first.
class Joins {
 public:
  explicit Joins(const KeyForm& form) : form_(&form) {}

  Joined& of(std::string_view key) {
    const std::uint64_t hash = hash_of(key);
    const auto found = index_.find(hash, [&](std::size_t place) { return all_[place].key == key; });
    if (found) return all_[*found];
    all_.push_back({.key = key});
    index_.insert(hash, [this](std::size_t place) { return hash_of(all_[place].key); });
    return all_.back();
  }

  // The largest that are no less than the minimum, by what they have at least, then by key.
  std::vector<ReportedFlow> largest(std::size_t count, double minimum) {
    std::erase_if(all_, [&](const Joined& flow) { return flow.least() < minimum; });
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(std::min(count, all_.size()));
    std::ranges::partial_sort(all_, end, [this](const Joined& left, const Joined& right) {
      const double more = left.least() - right.least();
      return more != 0 ? more > 0 : form_->less(left.key, right.key);
    });
    std::vector<ReportedFlow> flows;
    for (const Joined& flow : std::span(all_.begin(), end)) {
      flows.push_back({.key = form_->text_of(flow.key),
                       .value = flow.value,
                       .error = flow.error,
                       .sources = flow.sources,
                       .source = flow.source ? std::optional(*flow.source) : std::nullopt});
    }
    return flows;
  }

 private:
  const KeyForm* form_;
  std::vector<Joined> all_;
  PlaceIndex index_;  // of all_
};

Error in(std::string_view part, const Error& error) {
  return {fmt::format("{}: {}", part, error.message)};
}

}  // namespace

std::uint64_t hash_of(const DataSource& source) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
  std::uint64_t hash = std::uint64_t{source.id.type} << 32U | source.id.index;
  const auto octets = source.agent.octets();
  for (std::size_t at = 0; at + 4 <= octets.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &octets[at], sizeof(word));
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32U;
  }
  return hash;
}

std::string data_source_name(const sflow::SourceId& id) {
  return id.type == 0 ? fmt::to_string(id.index) : fmt::format("{}.{}", id.type, id.index);
}

std::optional<sflow::SourceId> parse_data_source(std::string_view name) {
  sflow::SourceId id;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, id.index);
  if (error != std::errc{}) return std::nullopt;
  if (stopped == end) return id;
  if (*stopped != '.') return std::nullopt;
  id.type = id.index;
  const auto [last, wrong] = std::from_chars(stopped + 1, end, id.index);
  if (wrong != std::errc{} || last != end) return std::nullopt;
  return id;
}

FlowMeter::FlowMeter(FlowDefinition definition, FlowFilter filter, ValueExpression value,
                     KeyForm keys)
    : definition_(std::move(definition)),
      filter_(std::move(filter)),
      keys_(std::move(keys)),
      value_(std::move(value)),
      is_apart_(definition_.sources == FlowDefinition::Sources::kInterfaces),
      shards_(1),
      clock_(definition_.cache.smoothing) {}

Result<FlowMeter> FlowMeter::create(const FlowDefinition& definition, const Lookups* lookups) {
  auto filter = FlowFilter::parse(definition.filter, lookups);
  if (!filter) return fail(in("filter", filter.error()));
  auto value = ValueExpression::parse(definition.value, lookups);
  if (!value) return fail(in("value", value.error()));
  auto keys = parse_keys(definition.keys, lookups);
  if (!keys) return fail(in("keys", keys.error()));
  auto values = parse_values(definition.values, lookups);
  if (!values) return fail(in("values", values.error()));
  const auto looks_up = [](const auto& expression) { return expression.looks_up(); };
  const bool is_alone = filter->is_alone() || value->looks_up() ||
                        std::ranges::any_of(*keys, looks_up) ||
                        std::ranges::any_of(*values, looks_up);
  FlowMeter meter(definition, *std::move(filter), *std::move(value),
                  KeyForm(*std::move(keys), definition.separator));
  meter.values_ = *std::move(values);
  meter.is_alone_ = is_alone;
  return meter;
}

void FlowMeter::spread(std::size_t shards) {
  FABRIX_ASSERT(shards > 0);
  shards_ = std::vector<Shard>(shards);
}

std::size_t FlowMeter::shard_of(const net::IpAddress& agent) const {
  return shards_.size() == 1 ? 0 : hash_of({.agent = agent, .id = {}}) % shards_.size();
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
      auto flow = sflow::read_flow_sample(*item);
      if (!flow) continue;
      flow->source = counted_source(*flow);
      const sflow::SampledPacket packet(flow->records());
      add(sample_of(agent, *flow, packet), now);
    }
  }
}

void FlowMeter::add(const Sample& sample, Time now) {
  const Sample* const one = &sample;
  const Some some{.shard = shard_of(sample.agent), .first = 0, .samples = {&one, 1}};
  advance(now);
  prepare(some);
  find_sources(some);
  count(some.shard, 0);
}

std::span<FlowMeter::Pending> FlowMeter::pending_of(const Some& some) {
  return std::span(shards_[some.shard].pending).subspan(some.first, some.samples.size());
}

std::span<const FlowMeter::Pending> FlowMeter::pending_of(const Some& some) const {
  return std::span(shards_[some.shard].pending).subspan(some.first, some.samples.size());
}

void FlowMeter::prepare(const Some& some) {
  Shard& shard = shards_[some.shard];
  const std::size_t end = some.first + some.samples.size();
  if (shard.pending.size() < end) shard.pending.resize(end);
  const auto pending = pending_of(some);
  for (std::size_t at = 0; at < pending.size(); ++at) {
    prepare(*some.samples[at], shard, pending[at]);
  }
}

void FlowMeter::prepare(const Sample& sample, Shard& shard, Pending& pending) const {
  pending.counts = false;
  if (sample.sampling_rate == 0) {
    ++shard.left_out;
    return;
  }
  if (!filter_.matches(sample)) return;
  if (!keys_.put(sample, pending.text)) return;
  const auto amount = amount_of(sample, shard.text);
  if (!amount) return;
  pending.counts = true;
  pending.sample = &sample;
  pending.id.agent = sample.agent;
  pending.id.id = is_apart_ ? sample.source : sflow::SourceId{};
  pending.id_hash = hash_of(pending.id);
  pending.hash = HashedKey::of(pending.text).hash;
  pending.amount = *amount;
  pending.place.reset();
  shard.index.fetch(pending.id_hash);
}

void FlowMeter::find_sources(const Some& some) {
  Shard& shard = shards_[some.shard];
  for (Pending& pending : pending_of(some)) {
    pending.source = pending.counts ? source_of(shard, pending.id, pending.id_hash) : nullptr;
    if (pending.source != nullptr) {
      pending.source->cache.fetch();
    } else if (pending.counts) {
      ++shard.left_out;
    }
  }
}

void FlowMeter::fetch_index(const Some& some) const {
  for (const Pending& pending : pending_of(some)) {
    if (pending.source != nullptr) pending.source->cache.fetch_index(pending.key());
  }
}

void FlowMeter::fetch_flows(const Some& some) {
  for (Pending& pending : pending_of(some)) {
    if (pending.source != nullptr) pending.place = pending.source->cache.fetch_flow(pending.key());
  }
}

void FlowMeter::fetch_smallest(const Some& some) {
  for (const Pending& pending : pending_of(some)) {
    if (pending.source != nullptr && !pending.place) pending.source->cache.fetch_smallest();
  }
}

void FlowMeter::count(std::size_t shard, std::size_t place) {
  Shard& there = shards_[shard];
  const Pending& pending = there.pending[place];
  if (pending.source == nullptr) return;
  const Time now = clock_.now();
  Source& source = *pending.source;
  source.last = now;
  const AddedFlow added = source.cache.add(pending.key(), pending.amount, clock_, pending.place);
  if (!added.place) return;
  const Tallies* const tallies =
      has_tallies() ? &tally(source, added, *pending.sample, now) : nullptr;
  if (!observer_ || told_above_ == kTellNone) return;
  const bool is_tallied = tallies != nullptr && tallies->value;
  const double value = is_tallied ? tallies->value->read(now) : added.value;
  if (value <= told_above_) return;
  observer_({.source = pending.id,
             .key = keys_.text_of(pending.key().text, there.text),
             .value = value,
             .time = now,
             .amount = pending.amount,
             .values = tallies != nullptr ? &tallies->values : nullptr,
             .sample = pending.sample});
}

// What weighs among the flows: the value, or of means and counts the frames.
std::optional<double> FlowMeter::amount_of(const Sample& sample, std::string& text) const {
  switch (value_.kind()) {
    case ValueExpression::Kind::kSum:
      return value_.number(sample);
    case ValueExpression::Kind::kMean:
      if (!value_.number(sample)) return std::nullopt;
      break;
    case ValueExpression::Kind::kCount:
      text.clear();
      if (!value_.append(sample, text)) return std::nullopt;
      break;
  }
  return sample.sampling_rate;
}

bool FlowMeter::has_tallies() const {
  return !values_.empty() || value_.kind() != ValueExpression::Kind::kSum;
}

FlowMeter::Tallies FlowMeter::new_tallies() const {
  Tallies tallies;
  const Smoothing smoothing = definition_.cache.smoothing;
  if (value_.kind() != ValueExpression::Kind::kSum) {
    tallies.value.emplace(value_.kind(), smoothing);
  }
  for (const ValueExpression& value : values_) tallies.values.emplace_back(value.kind(), smoothing);
  return tallies;
}

FlowMeter::Tallies& FlowMeter::tally(Source& source, const AddedFlow& added, const Sample& sample,
                                     Time now) const {
  if (source.tallies.size() <= *added.place) source.tallies.resize(*added.place + 1);
  Tallies& tallies = source.tallies[*added.place];
  if (added.is_new) tallies = new_tallies();
  if (tallies.value) tallies.value->add(value_, sample, now);
  for (std::size_t i = 0; i < values_.size(); ++i) tallies.values[i].add(values_[i], sample, now);
  return tallies;
}

FlowMeter::Smoothing FlowMeter::decays() const {
  const bool is_sum = value_.kind() == ValueExpression::Kind::kSum;
  return is_sum ? definition_.cache.smoothing : std::nullopt;
}

void FlowMeter::forget_silent(Time now) {
  for (Shard& shard : shards_) {
    const std::size_t forgotten = std::erase_if(shard.sources, [&](const auto& source) {
      return source.second.last + kForgetAfter <= now;
    });
    if (forgotten == 0) continue;
    shard.index = {};
    shard.places.clear();
    for (auto& source : shard.sources) index(shard, source);
  }
}

void FlowMeter::observe(std::function<void(const FlowUpdate&)> observer) {
  observer_ = std::move(observer);
}

// Null if there are too many.
FlowMeter::Source* FlowMeter::source_of(Shard& shard, const DataSource& id,
                                        std::uint64_t hash) const {
  const auto found =
      shard.index.find(hash, [&](std::size_t place) { return shard.places[place].id == id; });
  if (found) return shard.places[*found].source;
  if (shard.sources.size() == kMaxSources) return nullptr;
  Source source{.cache = FlowCache(definition_.cache), .last = {}, .tallies = {}};
  auto& added = *shard.sources.emplace(id, std::move(source)).first;
  index(shard, added);
  return &added.second;
}

void FlowMeter::index(Shard& shard, Sources::value_type& source) {
  shard.places.push_back({.id = source.first, .source = &source.second});
  const auto hash_at = [&](std::size_t place) { return hash_of(shard.places[place].id); };
  shard.index.insert(hash_at(shard.places.size() - 1), hash_at);
}

void FlowMeter::for_each(const std::function<void(const DataSource&, const Source&)>& visit) const {
  std::vector<const Sources::value_type*> all;
  for (const Shard& shard : shards_) {
    for (const auto& source : shard.sources) all.push_back(&source);
  }
  if (shards_.size() > 1) std::ranges::sort(all, {}, [](const auto* each) { return each->first; });
  for (const auto* const each : all) visit(each->first, each->second);
}

// Of means and counts the values are the tallies', and the order is theirs.
std::vector<ActiveFlow> FlowMeter::flows_of(const Source& source, const FlowQuery& query,
                                            Time now) const {
  const std::size_t count = query.top_of_source.value_or(source.cache.size());
  const auto less = [this](std::string_view left, std::string_view right) {
    return keys_.less(left, right);
  };
  if (value_.kind() == ValueExpression::Kind::kSum) return source.cache.top(count, now, less);
  auto flows = source.cache.top(source.cache.size(), now, less);
  for (ActiveFlow& flow : flows) {
    flow.value = source.tallies[flow.place].value->read(now);
    flow.error = 0;
  }
  std::ranges::stable_sort(flows, std::ranges::greater(), &ActiveFlow::value);
  if (flows.size() > count) flows.resize(count);
  return flows;
}

std::vector<ReportedFlow> FlowMeter::active_flows(const FlowQuery& query, Time now) const {
  Joins joins(keys_);
  for_each([&](const DataSource& id, const Source& source) {
    if (query.source && *query.source != id) return;
    if (query.takes && !query.takes(id)) return;
    const bool any = query.agents.empty();
    if (!any && std::ranges::find(query.agents, id.agent) == query.agents.end()) return;
    for (const ActiveFlow& flow : flows_of(source, query, now)) {
      Joined& joined = joins.of(flow.key);
      ++joined.sources;
      if (query.aggregation == Aggregation::kSum) joined.add_up(flow);
      if (query.aggregation == Aggregation::kMaximum) joined.keep_larger(flow, id);
    }
  });
  return joins.largest(query.count, query.minimum);
}

void FlowMeter::for_each_source(
    std::size_t count, Time now,
    const std::function<void(const DataSource&, std::vector<ActiveFlow>, Time)>& visit) const {
  for_each([&](const DataSource& id, const Source& source) {
    visit(id, flows_of(source, {.top_of_source = count}, now), source.last);
  });
}

std::map<DataSource, double> FlowMeter::values_of(std::string_view text, Time now) const {
  const std::string key = keys_.key_of(text);
  std::map<DataSource, double> values;
  for_each([&](const DataSource& id, const Source& source) {
    const auto place = source.cache.place_of(key);
    if (!place) return;
    const bool is_sum = value_.kind() == ValueExpression::Kind::kSum;
    values[id] = is_sum ? source.cache.value_of(key, now) : source.tallies[*place].value->read(now);
  });
  return values;
}

std::uint64_t FlowMeter::left_out() const {
  std::uint64_t total = 0;
  for (const Shard& shard : shards_) {
    total += shard.left_out;
    for (const auto& [id, source] : shard.sources) total += source.cache.ignored();
  }
  return total;
}

}  // namespace fabrix::telemetry

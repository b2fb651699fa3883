#include "http/connection.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "http/response_head.h"

namespace fabrix::http {
namespace {

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Connection::Connection(io::EventLoop& loop, io::ByteStream stream, const ConnectionOptions& options,
                       Callbacks callbacks)
    : stream_(std::move(stream)),
      options_(options),
      callbacks_(std::move(callbacks)),
      reader_(options.requests),
      deadline_(loop, [this] { expire(); }),
      turn_(loop, [this] { go_on(); }) {}

void Connection::start() {
  deadline_.start(options_.times.idle);
  stream_.start({.on_data = [this](std::span<const std::byte> octets) { take(octets); },
                 .on_end = [this](const io::StreamEnd& how) { end(how); },
                 .on_drained = [this] { go_on(); }});
}

void Connection::finish() {
  if (state_ == State::kGone) return;
  asks_no_more_ = true;
  persistence_ = Persistence::kClose;
  if (state_ == State::kReading) leave();
}

void Connection::take(std::span<const std::byte> octets) {
  if (state_ == State::kGone) return;
  reader_.append(octets);
  if (!turn_.is_running()) go_on();
  if (state_ == State::kGone || reader_.buffered() <= kMaxWaiting) return;
  is_paused_ = true;
  stream_.pause_reading();
}

void Connection::end(const io::StreamEnd& end) {
  if (state_ == State::kGone) return;
  asks_no_more_ = true;
  if (end.cause == io::StreamEndCause::kBroken) return leave();
  if (!turn_.is_running()) go_on();
}

void Connection::go_on() {
  if (state_ == State::kAnswering) pump();
  if (state_ == State::kReading) serve();
}

// Answers what has been asked, as long as the answers are taken.
void Connection::serve() {
  for (std::size_t i = 0; i < kRequestsPerTurn && state_ == State::kReading; ++i) {
    switch (reader_.next()) {
      case RequestReader::Step::kNeedMore:
        return expect_more();
      case RequestReader::Step::kRefused:
        return refuse(problem(reader_.refusal().status, reader_.refusal().detail));
      case RequestReader::Step::kRequest:
        answer(reader_.take());
        break;
    }
  }
  if (state_ == State::kReading) turn_.start(std::chrono::milliseconds(0));
}

void Connection::expect_more() {
  if (asks_no_more_) return leave();
  if (std::exchange(is_paused_, false)) stream_.resume_reading();
  if (!reader_.in_request()) return;
  // From the first octet on: who sends one a second gets no more time than others.
  if (!std::exchange(is_receiving_, true)) deadline_.start(options_.times.request);
  if (reader_.take_expectation()) write(kContinue);
}

void Connection::answer(ReadRequest read) {
  read.request.peer = stream_.peer();
  Response response = callbacks_.handle(read.request);
  if (response.later) return wait_for(std::move(response), std::move(read));
  begin_answer(std::move(response), read);
  pump();
}

void Connection::wait_for(Response response, ReadRequest read) {
  state_ = State::kAnswering;
  is_receiving_ = false;
  later_ = std::move(response.later);
  asked_ = std::move(read);
  ask_again_ = response.ask_again;
  answer_deadline_ = io::EventLoop::now() + options_.times.response;
  deadline_.start(options_.times.stall);
  pump();
}

// Whether it is known now; if not, it is asked for again.
bool Connection::take_later() {
  auto response = later_();
  if (!response) {
    turn_.start(ask_again_);
    return false;
  }
  later_ = nullptr;
  begin_answer(*std::move(response), asked_);
  return true;
}

void Connection::begin_answer(Response response, const ReadRequest& read) {
  state_ = State::kAnswering;
  is_receiving_ = false;
  BodySource body(std::move(response.body));
  Delivery delivery{.persistence = asks_no_more_ && reader_.buffered() == 0 ? Persistence::kClose
                                                                            : read.persistence,
                    .length = body.length(),
                    .framing = read.framing,
                    .date = now()};
  // The end of such a body is the end of the connection (RFC 9112 §6.3).
  if (!delivery.length && read.framing == Framing::kUntilClose) {
    delivery.persistence = Persistence::kClose;
  }
  persistence_ = delivery.persistence;
  callbacks_.on_answer(response.status);
  const bool has_body = read.request.method != Method::kHead && !is_bodiless(response.status);
  has_chunks_ = has_body && !delivery.length && read.framing == Framing::kChunks;
  is_body_sent_ = !has_body;
  ask_again_ = response.ask_again;
  body_ = has_body ? std::move(body) : BodySource();
  answer_deadline_ = io::EventLoop::now() + options_.times.response;
  deadline_.start(options_.times.stall);
  write(response_head(response, delivery));
}

// The answer to what is no request, or one that came too slowly.
void Connection::refuse(const Response& response) {
  asks_no_more_ = true;
  begin_answer(response, ReadRequest{});
  pump();
}

void Connection::pump() {
  if (state_ != State::kAnswering) return;
  if (later_ && !take_later()) return;
  if (!is_body_sent_ && !send_body()) return;
  if (state_ == State::kAnswering && !stream_.congested()) end_answer();
}

// Whether the body is at its end. If not, this goes on when there is room, or in the next turn.
bool Connection::send_body() {
  std::size_t sent = 0;
  while (!stream_.congested()) {
    const auto slice = body_.next();
    if (!slice) {
      if (has_chunks_) write(kLastChunk);
      is_body_sent_ = true;
      return true;
    }
    if (!send_slice(*slice)) return false;
    sent += slice->size();
    if (slice->empty() || sent >= kOctetsPerTurn) {
      turn_.start(slice->empty() ? ask_again_ : std::chrono::milliseconds(0));
      return false;
    }
  }
  return false;
}

bool Connection::send_slice(std::string_view slice) {
  if (slice.empty()) return true;
  if (has_chunks_) write(chunk_begin(slice.size()));
  write(slice);
  if (has_chunks_) write(kChunkEnd);
  return state_ == State::kAnswering;
}

void Connection::end_answer() {
  if (persistence_ == Persistence::kClose) return leave();
  state_ = State::kReading;
  body_ = BodySource();
  deadline_.start(options_.times.idle);
}

void Connection::write(std::string_view text) {
  if (state_ == State::kGone) return;
  if (!stream_.write(std::as_bytes(std::span(text)))) leave();
}

void Connection::expire() {
  if (state_ == State::kReading) {
    if (is_receiving_) return refuse(problem(408, "the request did not come in time"));
    return leave();
  }
  if (state_ != State::kAnswering) return;
  const auto time = io::EventLoop::now();
  const auto give_up = stream_.stalled_since().value_or(time) + options_.times.stall;
  if (time < give_up && time < answer_deadline_) {
    return deadline_.start_at(std::min(give_up, answer_deadline_));
  }
  stream_.abort();
  leave();
}

void Connection::leave() {
  if (std::exchange(state_, State::kGone) == State::kGone) return;
  deadline_.cancel();
  turn_.cancel();
  body_ = BodySource();
  later_ = nullptr;
  stream_.close_gracefully();
  callbacks_.on_gone();
}

}  // namespace fabrix::http

#include "http/request_reader.h"

#include <tuple>

#include <gtest/gtest.h>

#include "tests/http/world.h"

namespace fabrix::http {
namespace {

using Step = RequestReader::Step;
using testing::octets_of;

struct Outcome {
  std::vector<ReadRequest> requests;
  std::optional<Refusal> refusal;
};

Outcome read(const std::string& text, std::size_t cut = std::string::npos,
             const RequestLimits& limits = {}) {
  RequestReader reader(limits);
  Outcome outcome;
  for (std::size_t at = 0; at < text.size(); at += std::min(cut, text.size())) {
    reader.append(octets_of(text.substr(at, cut)));
    auto step = reader.next();
    for (; step == Step::kRequest; step = reader.next()) outcome.requests.push_back(reader.take());
    if (step == Step::kRefused) {
      outcome.refusal = reader.refusal();
      break;
    }
  }
  return outcome;
}

unsigned refusal_of(const std::string& text, const RequestLimits& limits = {}) {
  const auto outcome = read(text, std::string::npos, limits);
  EXPECT_TRUE(outcome.refusal && outcome.requests.empty()) << text.substr(0, 80);
  if (!outcome.refusal) return 0;
  EXPECT_FALSE(outcome.refusal->detail.empty());
  return outcome.refusal->status;
}

TEST(RequestReader, ReadsARequest) {
  const auto outcome = read(
      "POST /v1/x%20y?a=b HTTP/1.1\r\nHost: rs\r\nX-Two:  two  \r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_EQ(outcome.requests.size(), 1U);
  const Request& request = outcome.requests[0].request;
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.target, *parse_target("/v1/x%20y?a=b"));
  EXPECT_EQ(request.header("host"), "rs");
  EXPECT_EQ(request.header("x-two"), "two");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(outcome.requests[0].persistence, Persistence::kKeep);
  EXPECT_EQ(outcome.requests[0].framing, Framing::kChunks);
}

TEST(RequestReader, ReadsTheSameHoweverItIsCut) {
  const std::string text =
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: t\r\n\r\n"
      "DELETE /c HTTP/1.0\r\n\r\n";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    SCOPED_TRACE(cut);
    const auto outcome = read(text, cut);
    ASSERT_FALSE(outcome.refusal) << outcome.refusal->detail;
    ASSERT_EQ(outcome.requests.size(), 3U);
    EXPECT_EQ(outcome.requests[1].request.body, "abcde");
    EXPECT_EQ(outcome.requests[2].request.method, Method::kDelete);
  }
}

TEST(RequestReader, Rfc9112_9_3_KnowsWhoWantsToStay) {
  const auto persistence = [](const std::string& version, const std::string& field) {
    return read("GET / HTTP/" + version + "\r\nHost: h\r\n" + field + "\r\n").requests.at(0);
  };
  EXPECT_EQ(persistence("1.1", "").persistence, Persistence::kKeep);
  EXPECT_EQ(persistence("1.1", "Connection: close\r\n").persistence, Persistence::kClose);
  EXPECT_EQ(persistence("1.0", "").persistence, Persistence::kClose);
  EXPECT_EQ(persistence("1.0", "Connection: keep-alive\r\n").persistence, Persistence::kKeep);
  EXPECT_EQ(persistence("1.0", "").framing, Framing::kUntilClose);
}

TEST(RequestReader, Rfc9112_3_2_WantsOneHost) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400U);
}

TEST(RequestReader, Rfc9112_6_1_RefusesWhatTwoReadersWouldFrameDifferently) {
  const std::string begin = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(refusal_of(begin + "Content-Length: 5\r\n" + chunked + "\r\n0\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + chunked + "Content-Length: 5\r\n\r\n0\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), 400U);
  EXPECT_EQ(refusal_of(begin + "Content-Length: -1\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + "Content-Length: 1e3\r\n\r\n"), 400U);
  EXPECT_GE(refusal_of(begin + "Transfer-Encoding: gzip\r\n\r\n"), 400U);
  EXPECT_GE(refusal_of(begin + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + "Transfer-Encoding: gzip\r\n" + chunked + "\r\n0\r\n\r\n"), 501U);
  EXPECT_GE(refusal_of(begin + chunked + chunked + "\r\n0\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + chunked + "\r\nxyz\r\n"), 400U);
  EXPECT_EQ(refusal_of(begin + "Content-Length : 5\r\n\r\nhello"), 400U);
}

TEST(RequestReader, RefusesWhatIsNoRequest) {
  EXPECT_EQ(refusal_of("\x16\x03\x01\x02 hello"), 400U);  // TLS
  EXPECT_EQ(refusal_of("GET /\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 505U);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: h\r\nbad header\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("GET /../x HTTP/1.1\r\nHost: h\r\n\r\n"), 400U);
  EXPECT_EQ(refusal_of("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 400U);
}

TEST(RequestReader, RefusesMethodsAndVersionsItDoesNotHave) {
  EXPECT_EQ(refusal_of("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), 501U);
  EXPECT_EQ(refusal_of("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"), 501U);
  EXPECT_EQ(refusal_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505U);
}

TEST(RequestReader, BoundsTheHeader) {
  const RequestLimits limits{.header_octets = 1024, .body_octets = 10};
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x'), limits), 431U);
  EXPECT_EQ(refusal_of("GET /" + std::string(2000, 'x'), limits), 431U);
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  while (many.size() < 2000) many += "A: b\r\n";
  EXPECT_EQ(refusal_of(many, limits), 431U);
}

TEST(RequestReader, BoundsTheBody) {
  const RequestLimits limits{.header_octets = 1024, .body_octets = 10};
  const std::string begin = "PUT / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(read(begin + "Content-Length: 10\r\n\r\n0123456789", 7, limits).requests.size(), 1U);
  EXPECT_EQ(refusal_of(begin + "Content-Length: 11\r\n\r\n", limits), 413U);
  EXPECT_EQ(refusal_of(begin + "Content-Length: 99999999999999999999\r\n\r\n", limits), 400U);
  EXPECT_EQ(refusal_of(begin + "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n",
                       limits),
            413U);
}

TEST(RequestReader, BoundsChunkExtensionsAndTrailers) {
  const std::string begin = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const RequestLimits limits{.header_octets = 1024, .body_octets = 10};
  EXPECT_GE(refusal_of(begin + "1;" + std::string(3000, 'x'), limits), 400U);
  EXPECT_GE(refusal_of(begin + "0\r\nX: " + std::string(3000, 'x'), limits), 400U);
}

// Whether they come with the header or after it.
TEST(RequestReader, Rfc9110_6_5_1_FieldsBehindTheBodyAreNoneOfTheHeader) {
  const std::string text =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
      "Host: b\r\nConnection: close\r\nAuthorization: c\r\n\r\n";
  for (const std::size_t cut : {std::string::npos, std::size_t{1}}) {
    const auto outcome = read(text, cut);
    ASSERT_EQ(outcome.requests.size(), 1U) << cut;
    const ReadRequest& read = outcome.requests[0];
    EXPECT_EQ(read.request.headers,
              (std::vector<Header>{{"host", "a"}, {"transfer-encoding", "chunked"}}));
    EXPECT_EQ(read.request.body, "hi");
    EXPECT_EQ(read.persistence, Persistence::kKeep);
  }
}

// Whose end begins with less than the parser can be asked about twice.
TEST(RequestReader, Rfc9112_7_1_ReadsAnEmptyChunkedBodyHoweverItIsCut) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string end : {"0\r\n\r\n", "0\r\nT: t\r\n\r\n"}) {
    for (std::size_t at = 1; at < end.size(); ++at) {
      SCOPED_TRACE(end.substr(0, at));
      RequestReader reader;
      reader.append(octets_of(head + end.substr(0, at)));
      EXPECT_EQ(reader.next(), Step::kNeedMore);
      EXPECT_EQ(reader.next(), Step::kNeedMore);
      reader.append(octets_of(end.substr(at)));
      ASSERT_EQ(reader.next(), Step::kRequest);
      EXPECT_EQ(reader.take().request.body, "");
    }
  }
}

TEST(RequestReader, Rfc9110_10_1_1_TellsOnceThatTheClientWaits) {
  RequestReader reader;
  reader.append(octets_of("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n"));
  EXPECT_EQ(reader.next(), Step::kNeedMore);
  EXPECT_FALSE(reader.take_expectation());
  reader.append(octets_of("Content-Length: 2\r\n\r\n"));
  EXPECT_EQ(reader.next(), Step::kNeedMore);
  EXPECT_TRUE(reader.take_expectation());
  EXPECT_FALSE(reader.take_expectation());
  reader.append(octets_of("ab"));
  ASSERT_EQ(reader.next(), Step::kRequest);
  EXPECT_EQ(reader.take().request.body, "ab");
}

TEST(RequestReader, Rfc9110_10_1_1_OnlyARequestThatExpectsItAndIsNotWholeWaits) {
  const std::string put = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n";
  const std::string expect = "Expect: 100-continue\r\n";
  const auto waits = [](const std::string& text) {
    RequestReader reader;
    reader.append(octets_of(text));
    std::ignore = reader.next();
    return reader.take_expectation();
  };
  EXPECT_TRUE(waits(put + expect + "\r\n"));
  EXPECT_FALSE(waits(put + "\r\n"));
  EXPECT_FALSE(waits(put + "Expect: 200-ok\r\n\r\n"));
  EXPECT_FALSE(waits(put + expect + "\r\nab")) << "all of it has come";
  EXPECT_FALSE(waits("PUT / HTTP/1.0\r\nContent-Length: 2\r\n" + expect + "\r\n"));
}

TEST(RequestReader, Rfc9110_9_ReadsEveryMethodThatThereIs) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut,
                              Method::kPatch, Method::kDelete, Method::kOptions}) {
    const auto outcome = read(std::string(to_string(method)) + " / HTTP/1.0\r\n\r\n");
    ASSERT_EQ(outcome.requests.size(), 1U) << to_string(method);
    EXPECT_EQ(outcome.requests[0].request.method, method);
  }
}

TEST(RequestReader, Rfc9112_2_2_HalfAnEmptyLineIsTheBeginningOfSomething) {
  RequestReader reader;
  reader.append(octets_of("\r"));
  EXPECT_EQ(reader.next(), Step::kNeedMore);
  EXPECT_TRUE(reader.in_request());
  reader.append(octets_of("\n"));
  EXPECT_EQ(reader.next(), Step::kNeedMore);
  EXPECT_FALSE(reader.in_request());
}

TEST(RequestReader, KnowsWhetherARequestIsUnderWay) {
  RequestReader reader;
  EXPECT_FALSE(reader.in_request());
  reader.append(octets_of("G"));
  EXPECT_EQ(reader.next(), Step::kNeedMore);
  EXPECT_TRUE(reader.in_request());
  reader.append(octets_of("ET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(reader.next(), Step::kRequest);
  reader.take();
  EXPECT_FALSE(reader.in_request());
}

TEST(RequestReader, StaysRefused) {
  RequestReader reader;
  reader.append(octets_of("nonsense\r\n\r\n"));
  EXPECT_EQ(reader.next(), Step::kRefused);
  reader.append(octets_of("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(reader.next(), Step::kRefused);
}

}  // namespace
}  // namespace fabrix::http

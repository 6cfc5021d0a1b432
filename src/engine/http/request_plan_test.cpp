#include "engine/http/request_plan.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "engine/http/redirect.h"

namespace slsart::engine {
namespace {

class RequestPlanTest : public testing::Test {
 protected:
  RequestPlanTest() {
    script_.symbols = std::make_shared<core::SymbolTable>();
    script_.config.target = "http://127.0.0.1:8080";
    script_.dialect.decode_by_default = false;
    step_.method = "GET";
    step_.url = text("/path");
  }

  expr::Template text(std::string_view source) {
    return *expr::Template::compile(source, *script_.symbols);
  }
  script::FieldTemplate field(std::string_view name, std::string_view value) {
    return {text(name), expr::ValueTemplate(text(value))};
  }
  void set(std::string_view name, core::Value value) {
    user_.set(script_.symbols->intern(name), std::move(value));
  }

  // Head and body as sent, or the message of the failure.
  std::string rendered() {
    const RequestPlan plan(script_, step_, 0);
    core::Rng rng(1);
    RequestParts parts;
    if (auto done = plan.render({.user = &user_, .rng = &rng}, parts); !done)
      return done.error().message;
    std::string head;
    write_head(parts, {}, head);
    return head + parts.body;
  }

  static constexpr std::string_view kStart =
      "GET /path HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nuser-agent: Artillery "
      "(https://artillery.io)\r\n";

  script::Script script_;
  script::HttpStep step_;
  expr::Variables user_;
};

TEST_F(RequestPlanTest, PlainGetIsStatic) {
  const RequestPlan plan(script_, step_, 0);
  EXPECT_TRUE(plan.is_static());
  EXPECT_EQ(plan.static_head(), std::string(kStart) + "\r\n");
}

TEST_F(RequestPlanTest, DefaultHeadersLeaveTheDialectsUserAgentAndStepsReplaceDefaults) {
  script_.config.http.default_headers = {{"X-One", text("default")}, {"X-Two", text("two")}};
  step_.headers = {{"x-ONE", text("{{ mine }}")}};
  set("mine", core::Value("it"));
  EXPECT_EQ(rendered(),
            "GET /path HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nx-one: it\r\nx-two: two\r\n"
            "user-agent: Artillery (https://artillery.io)\r\n\r\n");
  script_.dialect.user_agent_beside_defaults = "";
  EXPECT_EQ(rendered(),
            "GET /path HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nx-one: it\r\nx-two: two\r\n\r\n");
}

TEST_F(RequestPlanTest, FalsyJsonIsSentOrLeftOutAndMissingIsNoBody) {
  step_.method = "POST";
  for (const auto& [value, written] :
       {std::pair{core::Value(0), "0"}, {core::Value(false), "false"}, {core::Value(""), "\"\""}}) {
    script_.dialect.falsy_json = script::FalsyJson::kSent;
    step_.body = script::JsonBody{expr::ValueTemplate(value)};
    EXPECT_TRUE(rendered().ends_with(std::string("\r\n\r\n") + written)) << rendered();
    script_.dialect.falsy_json = script::FalsyJson::kLeftOut;
    EXPECT_TRUE(rendered().ends_with("content-length: 0\r\n\r\n"));
  }
  script_.dialect.falsy_json = script::FalsyJson::kSent;
  step_.body = script::JsonBody{expr::ValueTemplate(text("{{ missing }}"))};
  EXPECT_TRUE(rendered().ends_with("content-length: 0\r\n\r\n"));
  step_.body = script::TextBody{text("{{ missing }}")};
  EXPECT_TRUE(rendered().ends_with("content-length: 0\r\n\r\n"));
}

TEST_F(RequestPlanTest, HeaderWithoutValueIsLeftOut) {
  step_.headers = {{"x-a", text("{{ missing }}")}, {"x-b", text("b{{ missing }}")}};
  EXPECT_EQ(
      rendered(),
      std::string(kStart).replace(kStart.find("user-agent"), 0, "x-b: bundefined\r\n") + "\r\n");
}

TEST_F(RequestPlanTest, NullIsEmptyInAQueryAndNullInAForm) {
  set("none", core::Value(core::Value::Null{}));
  step_.query = {field("a", "{{ none }}"), field("b", "1")};
  EXPECT_TRUE(rendered().starts_with("GET /path?a=&b=1 HTTP"));
  step_.query.clear();
  step_.method = "POST";
  step_.body = script::FormBody{{field("a", "{{ none }}")}};
  EXPECT_TRUE(rendered().ends_with("\r\n\r\na=null"));
}

TEST_F(RequestPlanTest, PathsAreWrittenAsBrowsersWriteThem) {
  step_.url = text("/{{ id }}/../{x}");
  set("id", core::Value("a"));
  EXPECT_TRUE(rendered().starts_with("GET /%7Bx%7D HTTP"));
}

TEST_F(RequestPlanTest, CredentialsOfTheStepWinOverAHeaderAndThatOverTheAddress) {
  script_.config.target = "http://us%40er:p%3Aw@127.0.0.1:8080";
  EXPECT_NE(rendered().find("authorization: Basic dXNAZXI6cDp3\r\n"), std::string::npos);
  step_.headers = {{"Authorization", text("Bearer t")}};
  EXPECT_NE(rendered().find("authorization: Bearer t\r\n"), std::string::npos);
  step_.auth = script::BasicAuth{text("ann"), text("secret")};
  EXPECT_EQ(rendered().find("Bearer"), std::string::npos);
  EXPECT_NE(rendered().find("authorization: Basic YW5uOnNlY3JldA==\r\n"), std::string::npos);
}

TEST_F(RequestPlanTest, PathOfTheTargetIsKept) {
  script_.config.target = "http://127.0.0.1:8080/api";
  EXPECT_TRUE(rendered().starts_with("GET /api/path HTTP/1.1\r\n"));
}

TEST_F(RequestPlanTest, JsonBodyHasTypeAndLength) {
  step_.method = "POST";
  step_.body = script::JsonBody{
      expr::ValueTemplate(expr::ValueTemplate::Object{{text("n"), text("{{ n }}")}})};
  set("n", core::Value(7));
  EXPECT_TRUE(
      rendered().ends_with("content-type: application/json\r\ncontent-length: 7\r\n\r\n{\"n\":7}"));
}

TEST_F(RequestPlanTest, EmptyPostAnnouncesNoLengthButZero) {
  step_.method = "POST";
  EXPECT_TRUE(rendered().ends_with("content-length: 0\r\n\r\n"));
}

TEST_F(RequestPlanTest, QueryIsEncodedAndMergedOrReplaces) {
  step_.url = text("/p?keep=1");
  step_.query = {field("a", "x y"), field("b", "{{ list }}")};
  set("list", core::Value(core::Value::List{core::Value(1), core::Value("&")}));
  EXPECT_TRUE(rendered().starts_with("GET /p?keep=1&a=x+y&b=1&b=%26 HTTP"));
  script_.dialect.query_merge = script::QueryMerge::kReplaced;
  EXPECT_TRUE(rendered().starts_with("GET /p?a=x+y&b=1&b=%26 HTTP"));
}

TEST_F(RequestPlanTest, FormDataCarriesFilesAndTypes) {
  step_.method = "POST";
  script::MultipartBody body;
  body.parts.push_back({.field = field("a", "{{ v }}"), .content_type = text("text/{{ v }}")});
  body.parts.push_back({.field = field("photo", "ignored"),
                        .file = std::make_shared<const std::string>("bytes\r\n--of it"),
                        .file_name = "my \"cat\".png"});
  step_.body = std::move(body);
  set("v", core::Value("plain"));
  const std::string sent = rendered();
  EXPECT_NE(sent.find("content-disposition: form-data; name=\"a\"\r\ncontent-type: "
                      "text/plain\r\n\r\nplain\r\n--"),
            std::string::npos)
      << sent;
  EXPECT_NE(sent.find("name=\"photo\"; filename=\"my %22cat%22.png\"\r\ncontent-type: "
                      "image/png\r\n\r\nbytes\r\n--of it\r\n--"),
            std::string::npos)
      << sent;
  set("v", core::Value("x\r\nevil: 1"));
  EXPECT_EQ(rendered(), "ERR_INVALID_CHAR");
}

TEST_F(RequestPlanTest, FilesOfFormsMayBeNamedByVariables) {
  ASSERT_TRUE(core::write_file(testing::TempDir() + "avatar-ann.png", "ann's bytes"));
  step_.method = "POST";
  script::MultipartBody body;
  body.parts.push_back({.field = field("photo", ""),
                        .file_path = text("./avatar-{{ v }}.png"),
                        .directory = testing::TempDir()});
  step_.body = std::move(body);
  set("v", core::Value("ann"));
  const std::string sent = rendered();
  EXPECT_NE(sent.find("filename=\"avatar-ann.png\"\r\ncontent-type: image/png\r\n\r\nann's bytes"),
            std::string::npos)
      << sent;
  set("v", core::Value("nobody"));
  EXPECT_EQ(rendered(), "there is no file ./avatar-{{ v }}.png");
}

TEST_F(RequestPlanTest, FormIsUrlEncoded) {
  step_.method = "POST";
  step_.body =
      script::FormBody{{field("a", "1"), field("b", "two words"), field("gone", "{{ none }}")}};
  EXPECT_TRUE(rendered().ends_with("content-length: 15\r\n\r\na=1&b=two+words"));
}

TEST_F(RequestPlanTest, BlanksInFormsAreSpeltAsTheDialectSays) {
  step_.method = "POST";
  step_.query = {field("q", "a b")};
  step_.body = script::FormBody{{field("b", "two + words")}};
  EXPECT_NE(rendered().find("/path?q=a+b "), std::string::npos);
  EXPECT_TRUE(rendered().ends_with("\r\n\r\nb=two+%2B+words"));
  script_.dialect.form_blank = script::FormBlank::kPercent;
  EXPECT_NE(rendered().find("/path?q=a%20b "), std::string::npos);
  EXPECT_TRUE(rendered().ends_with("\r\n\r\nb=two%20%2B%20words"));
}

TEST_F(RequestPlanTest, CapturedTextCannotWriteHeaders) {
  step_.headers = {{"x-a", text("{{ evil }}")}};
  set("evil", core::Value("1\r\nx-b: 2"));
  EXPECT_EQ(rendered(), "ERR_INVALID_CHAR");
}

TEST_F(RequestPlanTest, CapturedTextCannotEndTheRequestLine) {
  step_.url = text("/{{ evil }}");
  set("evil", core::Value("a HTTP/1.1\r\nx: y"));
  EXPECT_TRUE(rendered().starts_with("GET /a%20HTTP/1.1x:%20y HTTP/1.1\r\nhost:"));
}

TEST_F(RequestPlanTest, AddressesWithoutSchemeOrSlashAreInvalid) {
  step_.url = text("status/200");
  EXPECT_EQ(rendered(), "Invalid URL - status/200");
  EXPECT_FALSE(RequestPlan(script_, step_, 0).is_static());
}

TEST_F(RequestPlanTest, BasicCredentialsAreRendered) {
  step_.auth = script::BasicAuth{text("{{ u }}"), text("secret")};
  set("u", core::Value("ann"));
  EXPECT_NE(rendered().find("authorization: Basic YW5uOnNlY3JldA==\r\n"), std::string::npos);
}

TEST_F(RequestPlanTest, CookieHeaderOfTheStepStandsBeforeTheJars) {
  step_.headers = {{"Cookie", text("a=1")}};
  const RequestPlan plan(script_, step_, 0);
  RequestParts parts;
  ASSERT_TRUE(plan.render({}, parts));
  std::string head;
  write_head(parts, "b=2", head);
  EXPECT_TRUE(head.ends_with("cookie: a=1; b=2\r\n\r\n"));
}

TEST_F(RequestPlanTest, RedirectedPostBecomesGetOrStays) {
  RequestParts parts;
  parts.method = "POST";
  parts.url = *protocol::parse_url("http://a.test/x");
  parts.headers = "content-type: text/plain\r\nauthorization: Basic x\r\nx: y\r\n";
  parts.body = "body";
  parts.has_body = true;
  script::Dialect dialect;
  RequestParts kept = parts;
  ASSERT_TRUE(apply_redirect(kept, 307, "/y", dialect));
  EXPECT_EQ(kept.method, "POST");
  EXPECT_EQ(kept.body, "body");
  RequestParts moved = parts;
  ASSERT_TRUE(apply_redirect(moved, 302, "http://b.test/z", dialect));
  EXPECT_EQ(moved.method, "GET");
  EXPECT_EQ(moved.headers, "x: y\r\n");  // another origin gets no credentials
  EXPECT_EQ(moved.url.origin.host, "b.test");
  dialect.redirected_post = script::RedirectedPost::kStaysPost;
  RequestParts stays = parts;
  ASSERT_TRUE(apply_redirect(stays, 302, "/y", dialect));
  EXPECT_EQ(stays.method, "POST");
}

}  // namespace
}  // namespace slsart::engine

-- Written by spec/data/import.lua from public data.
return {
  {
    name = "get-header-key-duplicate",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature"
        .. "=c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value2,value2,value1\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "dc7f04a3abfde8d472b0ab1a418b741b7c67174dad1551b4117b15527fbe966c",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value2,value2,value1\n"
      .. "\n"
      .. "host;my-header1\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1&X-Amz-Expires=3600&X-A"
      .. "mz-Signature=3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa"
      .. "992d1507a97",
      signature = "3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "fe8b58fb44117d598520befc07c144a5699c661a8db78f9ce4caee1655dec813",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", "value2" },
        { "My-Header1", "value2" },
        { "My-Header1", "value1" },
      },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-header-value-multiline",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature"
        .. "=cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1 value2 value3\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "e99419459a677bc11de234014be3c4e72c1ea5b454ceb58b613061f5d7a162e8",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1 value2 value3\n"
      .. "\n"
      .. "host;my-header1\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1&X-Amz-Expires=3600&X-A"
      .. "mz-Signature=e6f5def831211aca02987a44b96826706278c7bc078112ae02636"
      .. "59c5b2f2d56",
      signature = "e6f5def831211aca02987a44b96826706278c7bc078112ae0263659c5b2f2d56",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "0e73c10e35324b4d215da4bb70be61d13a3d30d569be4ed6e8fd8948965341ca",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", "value1\n  value2\n     value3" },
      },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-header-value-order",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature"
        .. "=08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value4,value1,value3,value2\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "31ce73cd3f3d9f66977ad3dd957dc47af14df92fcd8509f59b349e9137c58b86",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value4,value1,value3,value2\n"
      .. "\n"
      .. "host;my-header1\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1&X-Amz-Expires=3600&X-A"
      .. "mz-Signature=313720e71ca6202fdcfa9b20f88de01a4eb0638a83c833b1c1843"
      .. "59a4eda864e",
      signature = "313720e71ca6202fdcfa9b20f88de01a4eb0638a83c833b1c184359a4eda864e",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "f4d3f13084ba7664111670ce26458291d3e0c620acd9384f8cd6b60d8e83423e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", "value4" },
        { "My-Header1", "value1" },
        { "My-Header1", "value3" },
        { "My-Header1", "value2" },
      },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-header-value-trim",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;my-header2;x-amz-date"
        .. ", Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee35"
        .. "9757a9c736",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1\n"
      .. "my-header2:\"a b c\"\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;my-header2;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "a726db9b0df21c14f559d0a978e563112acb1b9e05476f0a6a1c7d68f28605c7",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1%3Bm"
      .. "y-header2\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1\n"
      .. "my-header2:\"a b c\"\n"
      .. "\n"
      .. "host;my-header1;my-header2\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1%3Bmy-header2&X-Amz-Exp"
      .. "ires=3600&X-Amz-Signature=e7bb0fd515e125e1aec2ecc4c0c17484fb06f684"
      .. "6b927c35e46005dd3df3acd4",
      signature = "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "84c9e353b6161b689210977f93b93e6a7182f9ecb2ceae8af8c3d86b080a88ae",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", " value1" },
        { "My-Header2", " \"a   b   c\"" },
      },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-relative-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example/..",
    },
  },
  {
    name = "get-relative-relative-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example1/example2/../..",
    },
  },
  {
    name = "get-relative-relative-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=dc33e0856f"
        .. "d4baca4d7aa2146c38958283844764f38c74252a333df5e613003b",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example1/example2/../..\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "76115030c0f3ff06c20fdff5ceb6d5e0b835a1743e00b94fea7c7f381269437b",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example1/example2/../..\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "b45db0bfd1cf15003493b733e33aa208dd981bd0e63037a6ed953f71d2118a16",
      signature = "b45db0bfd1cf15003493b733e33aa208dd981bd0e63037a6ed953f71d2118a16",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "13b7758115ec070fe36a7ae9d754154ad73f6ee9a5eac022494857d0e7effc18",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example1/example2/../..",
    },
  },
  {
    name = "get-relative-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=eca7ead57b"
        .. "b5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example/..\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "0511f456aa502b456d135fcb9d749374a55228f9dbeedda1eacf659e05b0615b",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example/..\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "cbcb213b928a077e43275df47b500f1dfaa864ab3f5a18f6b95f4ff0938167ee",
      signature = "cbcb213b928a077e43275df47b500f1dfaa864ab3f5a18f6b95f4ff0938167ee",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "6e02e2dba21d6f269bae339b86ff27a4b7bbc9d88c482abccbfbf8a49d602482",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example/..",
    },
  },
  {
    name = "get-slash-dot-slash-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/./",
    },
  },
  {
    name = "get-slash-dot-slash-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=68714168e6"
        .. "557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/./\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d67825e2268bd77a97c7688b8d72c31a3c1855b309808505ba0a9747d2465aa7",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/./\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "a9b13e8f3484d9505bf1a6f347219f8f35b0fe8f128ceea597efc146a3dfe90c",
      signature = "a9b13e8f3484d9505bf1a6f347219f8f35b0fe8f128ceea597efc146a3dfe90c",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "21b2da17873f30c1a7410efdc271738b318ccc2c9c6fbe1289fc242aeb1a8ae1",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/./",
    },
  },
  {
    name = "get-slash-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "//",
    },
  },
  {
    name = "get-slash-pointless-dot-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=ef75d96142"
        .. "cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "214d50c111a8edc4819da6a636336472c916b5240f51e9a51b5c3305180cf702",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de",
      signature = "35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "88dd73bb06de69cb042dbb82cadbb4fce1a2623615d94520c271614abf94e738",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/./example",
    },
  },
  {
    name = "get-slash-pointless-dot-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=beb03f223f"
        .. "7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/./example\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "73895e0e829507e28e39fd24669aedc2434a8e179e547e3c075b42921f952cdb",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/./example\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "72b11f16d9530b18204bfb71f2d6ab085894c0ed8d352730a6e76234c58b5e10",
      signature = "72b11f16d9530b18204bfb71f2d6ab085894c0ed8d352730a6e76234c58b5e10",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "cb23444939471187ac1f0fb25d437337af0d5f48b5ae0ede5baa3727c8c6af92",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/./example",
    },
  },
  {
    name = "get-slash-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=c88bcd3d31"
        .. "2d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "//\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "80cb39203d058af815de2b79250ff56e1b73eb9b4718c86556cdc6f150c5d209",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "//\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "b2a9542809db687769200f56a844a03f2bd0291d6eb90232d5101c6a579446cd",
      signature = "b2a9542809db687769200f56a844a03f2bd0291d6eb90232d5101c6a579446cd",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "e10a01494cafa1f2207c4de80c69b7a36d6f2d282aa63ee64a5ca50e175cf730",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "//",
    },
  },
  {
    name = "get-slashes-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=9a624bd73a"
        .. "37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "cb96b4ac96d501f7c5c15bc6d67b3035061cfced4af6585ad927f7e6c985c015",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082",
      signature = "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "1a3e3fe19998c62136ed2ff9c8531973a46d4a21b336f58e8fcad185ec64d642",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "//example//",
    },
  },
  {
    name = "get-slashes-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=87cca11754"
        .. "1a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "//example//\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "528ec3105ee1f34ab014bb0a1a45da0ed2742a4fea3555149e5b4d5d201eb240",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "//example//\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "822a5a9ba28072c5ab2bb4a6307d0c88276d40e49fec6b724c03fb4d4ba60fc2",
      signature = "822a5a9ba28072c5ab2bb4a6307d0c88276d40e49fec6b724c03fb4d4ba60fc2",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "82241114f9a6320f054333c890952474aa7a0069d28a4326c3a8d95bbecc69ee",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "//example//",
    },
  },
  {
    name = "get-space-normalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=6524875832"
        .. "00325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example%20space/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "63ee75631ed7234ae61b5f736dfc7754cdccfedbff4b5128a915706ee9390d86",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example%20space/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
      signature = "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "cc3dd817bd405e51225826ec4934a96d065d6af5b6b0163c7a5abbd26a84519e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example space/",
    },
  },
  {
    name = "get-space-unnormalized",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=6524875832"
        .. "00325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/example%20space/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "63ee75631ed7234ae61b5f736dfc7754cdccfedbff4b5128a915706ee9390d86",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/example%20space/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
      signature = "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "cc3dd817bd405e51225826ec4934a96d065d6af5b6b0163c7a5abbd26a84519e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/example space/",
    },
  },
  {
    name = "get-unreserved",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=07ef7494c7"
        .. "6fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "6a968768eefaa713e2a6b16b589a8ea192661f098f37349f4e2c0082757446f9",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "95968482db1b9e0fadef6efc1bd24689f77c77d9ef56919c96a28cc92e0d6005",
      signature = "95968482db1b9e0fadef6efc1bd24689f77c77d9ef56919c96a28cc92e0d6005",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "3134f2fbc6ef58f34b74b01643a159bfccbc121ea4288a4b75e65bc805d08219",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path =
      "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z",
    },
  },
  {
    name = "get-utf8",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=8318018e0b"
        .. "0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/%E1%88%B4\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "2a0a97d02205e45ce2e994789806b19270cfbbb0921b278ccf58f5249ac42102",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/%E1%88%B4\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44",
      signature = "10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d8f78e05d0d9bb1c16ae1e60ed405de76cfb8fdcd3e414ffe65fad563b996d66",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/\225\136\180",
    },
  },
  {
    name = "get-vanilla",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-vanilla-empty-query-key",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=a67d582fa6"
        .. "1cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "Param1=value1\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "1e24db194ed7d0eec2de28d7369675a243488e08526e8c1c73571282f7c517ab",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-"
      .. "Amz-Signature=49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203"
      .. "cc77c471a9de",
      signature = "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "74828b608f939673ed5a839190452a943b0178760f258da766209b21f8ca3f86",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
      query = "Param1=value1",
    },
  },
  {
    name = "get-vanilla-query",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa315"
        .. "53b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      signature = "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "bb7705b4aa3cb8e8f5e1e0b3d4c0b64030797a313c8ceee43e33117cc43eadc5",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "get-vanilla-query-order-encoded",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=371d3713e1"
        .. "85cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "%E1%88%B4=Value1&Param=Value2&Param-3=Value3\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "868294f5c38bd141c4972a373a76654f1418a8e4fc18b2e7903ae45e8ae0ec71",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "%E1%88%B4=Value1&Param=Value2&Param-3=Value3&X-Amz-Algorithm=AWS4-"
      .. "HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2F"
      .. "service%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3"
      .. "600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "Param-3=Value3&Param=Value2&%E1%88%B4=Value1&X-Amz-Algorithm=AWS4-"
      .. "HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2F"
      .. "service%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHea"
      .. "ders=host&X-Amz-Expires=3600&X-Amz-Signature=c5f1848ceec943ac2ca68"
      .. "ee720460c23aaae30a2300586597ada94c4a65e4787",
      signature = "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "9808d6cdc8245c74e705c68350fc6a62b91778cdd613890e5d177998c02c6f53",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
      query = "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
    },
  },
  {
    name = "get-vanilla-query-order-key-case",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa"
        .. "904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "Param1=value1&Param2=value2\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "Param1=value1&Param2=value2&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz"
      .. "-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_re"
      .. "quest&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedH"
      .. "eaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "Param2=value2&Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz"
      .. "-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_re"
      .. "quest&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-E"
      .. "xpires=3600&X-Amz-Signature=86012e2c9ad4d77369f5d81c11f75158aae4f8"
      .. "95a085212cc6d3f923d300bed5",
      signature = "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "b82878ecb2ab7ad194b9fe79b2946c2a36ee1627a219408089b2d774c1a0cedb",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
      query = "Param2=value2&Param1=value1",
    },
  },
  {
    name = "get-vanilla-query-unreserved",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=9c3e54bfcd"
        .. "f0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      .. "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "c30d4703d9f799439be92736156d47ccfb2d879ddf56f5befa6d1d6aab979177",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      .. "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F"
      .. "20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T"
      .. "123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      .. "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F"
      .. "20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T"
      .. "123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signatur"
      .. "e=8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
      signature = "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "c77f27ef2b499fbfee3f0b3c88bba7057b2b31ee9b62047078a5e0d6be91fd58",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
      query =
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      .. "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
      .. "z",
    },
  },
  {
    name = "get-vanilla-utf8-query",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=2cdec8eed0"
        .. "98649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "%E1%88%B4=bar\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "eb30c5bed55734080471a834cc727ae56beb50e5f39d1bff6d0d38cb192a7073",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "%E1%88%B4=bar&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "\225\136\180=bar&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAM"
      .. "PLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=201"
      .. "50830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Si"
      .. "gnature=0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d2"
      .. "1ff600",
      signature = "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "b2e8ae8e48ec880defebc6f6dc1d9fbc9f1856b33146f2943060ca71a50a7a77",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
      query = "\225\136\180=bar",
    },
  },
  {
    name = "get-vanilla-with-session-token",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token,"
        .. " Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66d"
        .. "d9f74e7f8",
        ["x-amz-date"] = "20150830T123600Z",
        ["x-amz-security-token"] =
        "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
      },
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "x-amz-security-token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00"
      .. "fa31553b73ebf194267\n"
      .. "\n"
      .. "host;x-amz-date;x-amz-security-token\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "067b36aa60031588cea4a4cde1f21215227a047690c72247f1d70b32fbbfad2b",
    },
    by_query = {
      canonical_request =
      "GET\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-Security-Token=6e86291e8372ff2a2260"
      .. "956d9b8aae1d763fbf315fa00fa31553b73ebf194267&X-Amz-SignedHeaders=h"
      .. "ost\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Security-T"
      .. "oken=6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194"
      .. "267&X-Amz-Signature=7ff2b50b376cb4d151970630573d6291dc128cc5c2a12f"
      .. "fb237f73cc53f67b6c",
      signature = "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "cb30434103085aa9e73780fc60dc9a9df818fd2a7b1de12a9f6f4d791f898761",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "GET",
      path = "/",
    },
  },
  {
    name = "post-header-key-case",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2ac"
        .. "d57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      signature = "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d27fc6fe1afc1d88b248c5ae9194ec0943a693dd6d81d8d815c88a369eb0471e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-header-key-sort",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature"
        .. "=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "9368318c2967cf6de74404b30c65a91e8f6253e0a8659d6d5319f1a812f87d65",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:value1\n"
      .. "\n"
      .. "host;my-header1\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1&X-Amz-Expires=3600&X-A"
      .. "mz-Signature=c09d07e0d55871f10f2a6d350d994acf6825a3cae70673d7def55"
      .. "616e6119dd7",
      signature = "c09d07e0d55871f10f2a6d350d994acf6825a3cae70673d7def55616e6119dd7",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "1295ed77e4ef8b18b32815e493e0b0f78ee47615c0ecbebfec7c75709eb58c88",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", "value1" },
      },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-header-value-case",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature"
        .. "=cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:VALUE1\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;my-header1;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d51ced243e649e3de6ef63afbbdcbca03131a21a7103a1583706a64618606a93",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host%3Bmy-header1\n"
      .. "host:example.amazonaws.com\n"
      .. "my-header1:VALUE1\n"
      .. "\n"
      .. "host;my-header1\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host%3Bmy-header1&X-Amz-Expires=3600&X-A"
      .. "mz-Signature=0698bc9e4f7f9139065ba2909c0e99da257e8e2a42492a097bcd4"
      .. "6d792391fed",
      signature = "0698bc9e4f7f9139065ba2909c0e99da257e8e2a42492a097bcd46d792391fed",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "9d4d1de88f0149695a91a01275fc72dc00fb50bdc78e424f012ec860d5f8c41d",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = {
        { "Host", "example.amazonaws.com" },
        { "My-Header1", "VALUE1" },
      },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-sts-header-after",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2ac"
        .. "d57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ["x-amz-date"] = "20150830T123600Z",
        ["x-amz-security-token"] =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQ"
        .. "WLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
        .. "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp7"
        .. "5YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
        .. "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/o"
        .. "LxBA==",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Security-T"
      .. "oken=AQoDYXdzEPT%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEXAMPLEtc764bNrC9SA"
      .. "PBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8"
      .. "YUuwthAx7mSEI%2FqkPpKPi%2FkMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsb"
      .. "urEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d%2B"
      .. "xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz%2BscqKmlzm8FDrypNC9Yjc8fPOLn9F"
      .. "X9KSYvKTr4rvx3iSIlTJabIQwj2ICCR%2FoLxBA%3D%3D&X-Amz-Signature=2ce6"
      .. "e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      signature = "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d27fc6fe1afc1d88b248c5ae9194ec0943a693dd6d81d8d815c88a369eb0471e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQ"
        .. "WLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
        .. "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp7"
        .. "5YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
        .. "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/o"
        .. "LxBA==",
      },
      expires = 3600,
      normalize_path = true,
      omit_session_token = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-sts-header-before",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token,"
        .. " Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a"
        .. "82be05ead",
        ["x-amz-date"] = "20150830T123600Z",
        ["x-amz-security-token"] =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQ"
        .. "WLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
        .. "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp7"
        .. "5YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
        .. "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/o"
        .. "LxBA==",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "x-amz-security-token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM"
      .. "22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuw"
      .. "thAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KP"
      .. "kyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38x"
      .. "Vqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rv"
      .. "x3iSIlTJabIQwj2ICCR/oLxBA==\n"
      .. "\n"
      .. "host;x-amz-date;x-amz-security-token\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-Security-Token=AQoDYXdzEPT%2F%2F%2F"
      .. "%2F%2F%2F%2F%2F%2F%2FwEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQ"
      .. "WLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI%2FqkPpKPi%2"
      .. "FkMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSX"
      .. "Dvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d%2Bxo0rKwT38xVqr7ZD0u0iPPkUL"
      .. "64lIZbqBAz%2BscqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQw"
      .. "j2ICCR%2FoLxBA%3D%3D&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Security-T"
      .. "oken=AQoDYXdzEPT%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEXAMPLEtc764bNrC9SA"
      .. "PBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8"
      .. "YUuwthAx7mSEI%2FqkPpKPi%2FkMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsb"
      .. "urEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d%2B"
      .. "xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz%2BscqKmlzm8FDrypNC9Yjc8fPOLn9F"
      .. "X9KSYvKTr4rvx3iSIlTJabIQwj2ICCR%2FoLxBA%3D%3D&X-Amz-Signature=46c2"
      .. "e3c63c1dbe7d39f8ada16fe7f001c1f56c5791441565323677f96308871c",
      signature = "46c2e3c63c1dbe7d39f8ada16fe7f001c1f56c5791441565323677f96308871c",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "37f7ba7a2ec89e8b29a0d637bcc70d8e8d0fdba854ddfc5bc06a12398cfe8605",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQ"
        .. "WLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMc"
        .. "GdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp7"
        .. "5YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZb"
        .. "qBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/o"
        .. "LxBA==",
      },
      expires = 3600,
      normalize_path = true,
      omit_session_token = false,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-vanilla",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2ac"
        .. "d57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature="
      .. "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      signature = "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "d27fc6fe1afc1d88b248c5ae9194ec0943a693dd6d81d8d815c88a369eb0471e",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-vanilla-empty-query-value",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=28038455d6"
        .. "de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "Param1=value1\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "9d659678c1756bb3113e2ce898845a0a79dbbc57b740555917687f1b3340fbbd",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-"
      .. "Amz-Signature=a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e"
      .. "3a16bf1a3682",
      signature = "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "98241d1c6f938789d34b92e16e08b7fc8fdaa774c5437ba30d505eedae43dd2b",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
      query = "Param1=value1",
    },
  },
  {
    name = "post-vanilla-query",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=host;x-amz-date, Signature=28038455d6"
        .. "de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "Param1=value1\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "host;x-amz-date\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "9d659678c1756bb3113e2ce898845a0a79dbbc57b740555917687f1b3340fbbd",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "host\n"
      .. "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      query =
      "Param1=value1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
      .. "IDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Da"
      .. "te=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-"
      .. "Amz-Signature=a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e"
      .. "3a16bf1a3682",
      signature = "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "98241d1c6f938789d34b92e16e08b7fc8fdaa774c5437ba30d505eedae43dd2b",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = false,
      time = 1440938160,
    },
    request = {
      headers = { { "Host", "example.amazonaws.com" } },
      method = "POST",
      path = "/",
      query = "Param1=value1",
    },
  },
  {
    name = "post-x-www-form-urlencoded",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=content-length;content-type;host;x-am"
        .. "z-content-sha256;x-amz-date, Signature=d3875051da38690788ef43de4db"
        .. "0d8f280229d82040bfac253562e56c3f20e0b",
        ["x-amz-content-sha256"] =
        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "content-length:13\n"
      .. "content-type:application/x-www-form-urlencoded\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a65419232"
      .. "9106275f4c7b24d0b6e\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "content-length;content-type;host;x-amz-content-sha256;x-amz-date\n"
      .. "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
      signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "b1edd1d03544c25390e32085d55b57acc9a3961bb59415ff86c45c3d89d16cfb",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=content-length%3Bcont"
      .. "ent-type%3Bhost\n"
      .. "content-length:13\n"
      .. "content-type:application/x-www-form-urlencoded\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "content-length;content-type;host\n"
      .. "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&X-A"
      .. "mz-Expires=3600&X-Amz-Signature=89a40deed0f26f9461242825a082d22227"
      .. "17248abc7ab41f552ad84a94ad46e9",
      signature = "89a40deed0f26f9461242825a082d2222717248abc7ab41f552ad84a94ad46e9",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "ee5059a7c437165a28d0e775e6498be428761255d657d8c04cb1baa41de6514c",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = true,
      time = 1440938160,
    },
    request = {
      body = "Param1=value1",
      headers = {
        { "Content-Type", "application/x-www-form-urlencoded" },
        { "Host", "example.amazonaws.com" },
        { "Content-Length", "13" },
      },
      method = "POST",
      path = "/",
    },
  },
  {
    name = "post-x-www-form-urlencoded-parameters",
    by_headers = {
      added = {
        authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service"
        .. "/aws4_request, SignedHeaders=content-length;content-type;host;x-am"
        .. "z-content-sha256;x-amz-date, Signature=328d1b9eaadca9f5818ef05e839"
        .. "2801e091653bafec24fcab71e7344e7f51422",
        ["x-amz-content-sha256"] =
        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        ["x-amz-date"] = "20150830T123600Z",
      },
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "\n"
      .. "content-length:13\n"
      .. "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
      .. "host:example.amazonaws.com\n"
      .. "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a65419232"
      .. "9106275f4c7b24d0b6e\n"
      .. "x-amz-date:20150830T123600Z\n"
      .. "\n"
      .. "content-length;content-type;host;x-amz-content-sha256;x-amz-date\n"
      .. "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
      signature = "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "a89f1a5b53e37702ee6363ce1da3ce8f54386f3c8f352ae652153c2982a0bc4d",
    },
    by_query = {
      canonical_request =
      "POST\n"
      .. "/\n"
      .. "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=content-length%3Bcont"
      .. "ent-type%3Bhost\n"
      .. "content-length:13\n"
      .. "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
      .. "host:example.amazonaws.com\n"
      .. "\n"
      .. "content-length;content-type;host\n"
      .. "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
      query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20"
      .. "150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T12"
      .. "3600Z&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&X-A"
      .. "mz-Expires=3600&X-Amz-Signature=0dbeb9b026c7b6675f266b8427efec9b4f"
      .. "a8b1f6ef1477d717aea231106eab4d",
      signature = "0dbeb9b026c7b6675f266b8427efec9b4fa8b1f6ef1477d717aea231106eab4d",
      string_to_sign =
      "AWS4-HMAC-SHA256\n"
      .. "20150830T123600Z\n"
      .. "20150830/us-east-1/service/aws4_request\n"
      .. "32192353b8ae6d857fac1c71cda066e6af2d3a3127ea7ac1fee22621ab4f05dc",
    },
    context = {
      credentials = {
        access_key_id = "AKIDEXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      expires = 3600,
      normalize_path = true,
      region = "us-east-1",
      service = "service",
      sign_body_header = true,
      time = 1440938160,
    },
    request = {
      body = "Param1=value1",
      headers = {
        {
          "Content-Type",
          "application/x-www-form-urlencoded; charset=utf-8",
        },
        { "Host", "example.amazonaws.com" },
        { "Content-Length", "13" },
      },
      method = "POST",
      path = "/",
    },
  },
}

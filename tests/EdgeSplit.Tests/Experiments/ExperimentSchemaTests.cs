using System.Text.Json;
using EdgeSplit.Experiments;
using NJsonSchema;
using NJsonSchema.Validation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Tests.Experiments;

public class ExperimentSchemaTests
{
    [Fact]
    public void The_schema_in_the_repository_is_the_one_of_this_code() => Assert.True(
        ExperimentSchema.Write() == File.ReadAllText(Repository.PathOf("schemas", "experiment.schema.json")),
        "write it anew: dotnet run --project src/EdgeSplit.Cli -- init --schema > schemas/experiment.schema.json");

    [Theory]
    [MemberData(nameof(ExampleTests.Files), MemberType = typeof(ExampleTests))]
    public async Task Every_example_fits_the_schema(string file) =>
        Assert.Empty(await ValidateAsync(await File.ReadAllTextAsync(Repository.PathOf("examples", file), TestContext.Current.CancellationToken)));

    [Theory]
    [InlineData("rounds: 0")]
    [InlineData("roundz: 3")]
    [InlineData("method: sgd")]
    [InlineData("participation: 0")]
    [InlineData("localSteps: 1, localEpochs: 1")]
    [InlineData("learningRate: fast")]
    public async Task What_the_reader_refuses_the_schema_refuses_too(string training)
    {
        string text = ExperimentFaultTests.Minimal.Replace("method: edgesplit", training, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => ExperimentFile.Parse(text, "."));
        Assert.NotEmpty(await ValidateAsync(text));
    }

    private static async Task<ICollection<ValidationError>> ValidateAsync(string yaml)
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(ExperimentSchema.Write(), TestContext.Current.CancellationToken);
        YamlStream stream = [];
        stream.Load(new StringReader(yaml));
        return schema.Validate(JsonOf(stream.Documents[0].RootNode));
    }

    private static string JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode map => $"{{{string.Join(',', map.Children.Select(entry => $"{JsonOf(entry.Key)}:{JsonOf(entry.Value)}"))}}}",
        YamlSequenceNode list => $"[{string.Join(',', list.Children.Select(JsonOf))}]",
        YamlScalarNode { Style: ScalarStyle.Plain, Value: string text } when IsJson(text) => text,
        YamlScalarNode scalar => JsonSerializer.Serialize(scalar.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static bool IsJson(string text) =>
        text is "true" or "false" or "null"
        || (double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) && !text.StartsWith('.'));
}

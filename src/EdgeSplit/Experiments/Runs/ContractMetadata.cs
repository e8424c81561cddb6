using EdgeSplit.Compute;
using EdgeSplit.Data;

namespace EdgeSplit.Experiments.Runs;

/// <summary>The data contract in the metadata of weights: under one key, as one JSON text.</summary>
public static class ContractMetadata
{
    /// <summary>What to write with the weights.</summary>
    public static KeyValuePair<string, string> Of(DataContract contract) => new(DataContract.MetadataKey, contract.ToString());

    /// <summary>The contract that weights were trained by; null where the file has none, as those of other programs.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or its contract is none.</exception>
    public static DataContract? Read(string path)
    {
        if (!SafetensorsFile.ReadHeader(path).Metadata.TryGetValue(DataContract.MetadataKey, out string? text))
            return null;
        try
        {
            return DataContractText.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new InvalidInputException(path, $"its data contract ({DataContract.MetadataKey}) cannot be read: {wrong.Message}", "write the file again with the release of edgesplit that trained it, or use a newer one here");
        }
    }
}

using System.Text;
using EdgeSplit.Data;
using EdgeSplit.Models;

namespace EdgeSplit.Experiments;

/// <summary>What can only be judged of a data contract once the network is known: what its first layer takes.</summary>
public static class ContractChecks
{
    /// <summary>The data's contract as the network has it.</summary>
    /// <param name="experiment">What the contract's normalisation is chosen by.</param>
    /// <param name="network">Its network.</param>
    /// <param name="data">Its samples, all of which are looked at where they must be tokens.</param>
    /// <exception cref="InvalidInputException">They do not go together: every fault.</exception>
    public static DataContract ContractFor(Experiment experiment, Network network, DataSplit data)
    {
        ContractSpec spec = experiment.Data.Contract;
        DataContract contract = data.Contract;
        List<Fault> faults = [];
        if (network.Vocabulary is int vocabulary)
        {
            contract = contract.OfTokens();
            if (spec.Normalize is NormalizeKind.Standard or NormalizeKind.Given)
                faults.Add(new Fault("data.normalize", $"{network.Spec.Name} begins with an embedding, which takes whole numbers as they are", "leave it out, or give none"));
            foreach (Dataset part in (Dataset[])[data.Train, data.Test])
                faults.AddRange(TokenRange.FaultsOf(part, [.. Enumerable.Range(0, part.Count)], vocabulary));
        }
        else if (spec.Normalize == NormalizeKind.Auto && contract.Normalization is null)
        {
            faults.Add(ContractSpec.WithoutSamples);
        }

        int bytes = Encoding.UTF8.GetByteCount(contract.ToString());
        if (bytes > DataContract.LargestBytes)
            faults.Add(new Fault("data", $"the names of its classes and columns take {bytes} bytes", $"shorten them: {DataContract.LargestBytes} is the most"));
        return faults.Count == 0 ? contract : throw new InvalidInputException(faults);
    }
}

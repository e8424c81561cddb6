using EdgeSplit.Models.Layers;
using TorchSharp;
using Functional = TorchSharp.torch.nn.functional;

namespace EdgeSplit.Torch.Interpreting;

internal static class AttentionOperation
{
    /// <summary>Self-attention over [batch, tokens, features], the heads side by side in the features, as torch has them.</summary>
    public static Operation Compile(Attention attention, Func<string, torch.Tensor> value)
    {
        torch.Tensor inWeight = value($"{attention.Name}.in_proj_weight"), inBias = value($"{attention.Name}.in_proj_bias");
        torch.Tensor outWeight = value($"{attention.Name}.out_proj.weight"), outBias = value($"{attention.Name}.out_proj.bias");
        return (input, _) =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long batch = input.shape[0], tokens = input.shape[1];
            // [3, batch, heads, tokens, features of a head]
            torch.Tensor projected = Functional.linear(input, inWeight, inBias)
                .view(batch, tokens, 3, attention.Heads, attention.Features / attention.Heads).permute(2, 0, 3, 1, 4);
            torch.Tensor mixed = Functional.scaled_dot_product_attention(projected[0], projected[1], projected[2]);
            torch.Tensor joined = mixed.transpose(1, 2).reshape(batch, tokens, attention.Features);
            return Functional.linear(joined, outWeight, outBias).MoveToOuterDisposeScope();
        };
    }
}

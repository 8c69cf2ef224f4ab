local a = {}
for i = 1, 100000 do
  a[i] = (i - 1) & 1023
end
local sum = 0
for k = 1, 1000 do
  for i = 1, #a do
    sum = sum + a[i]
  end
end
print(sum)
